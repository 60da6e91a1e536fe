"""The real server, in a test: `backline serve` in a folder of its own, and the wire to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import Headers

from tests.twiml_player import Carrier

if TYPE_CHECKING:
    from flask.testing import FlaskClient

START_SECONDS = 120  # a busy machine takes long
TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Answer:
    """An HTTP answer, with the names that Werkzeug's test client uses."""

    status_code: int
    headers: Headers
    data: bytes


@dataclass
class Wire:
    """What `Carrier` posts through: a connection of its own for each request.

    `inside`: put before each path, for a proxy that leaves the prefix on.
    """

    port: int
    inside: str = ""

    def post(
        self, path: str, *, query_string: str, data: dict[str, str], headers: dict[str, str]
    ) -> Answer:
        form = "application/x-www-form-urlencoded"
        return self.request(
            "POST",
            f"{self.inside}{path}" + (f"?{query_string}" if query_string else ""),
            urlencode(data).encode(),
            {"Content-Type": form, **headers},
        )

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            got = connection.getresponse()
            return Answer(got.status, Headers(got.getheaders()), got.read())
        finally:
            connection.close()


@dataclass
class Server:
    """`with Server(folder) as server:` it answers when the block begins, and is gone after it.

    `environ`: settings besides those below.  `only_web`: without a worker and a clock beside it.
    """

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    public_url: str = "https://line.example"
    port: int = field(default_factory=free_port)
    only_web: bool = True
    process: subprocess.Popen[str] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the server and of the commands beside it."""
        ours = {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": TOKEN,
            # Nobody there: what would be sent stays, and no test reaches the real one.
            "TWILIO_API_URL": "http://127.0.0.1:9",
            "PUBLIC_URL": self.public_url,
            "BACKLINE_LOCALE": "en-US",
            "BACKLINE_CLINIC_NAME": "Harbour Clinic",
            "BACKLINE_CLINIC_PHONE": "+12025550143",
            "BACKLINE_SECRET_KEY": "qV8xT2mZr5LwK9dHj3Yb7NcF4sPg6uAe",
            "BACKLINE_READING_SECONDS": "0",
            "PORT": str(self.port),
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {**kept, **ours, **self.environ}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app", *self._serve],
                cwd=self.folder,
                env=self.settings,
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"the server did not start:\n{self.log}")
            time.sleep(0.05)

    @property
    def _serve(self) -> tuple[str, ...]:
        only = ("--only-web",) if self.only_web else ()
        return ("serve", "--host", "127.0.0.1", *only)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it, wait for it and for the port, and give its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        try:
            code = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.process = None
        deadline = time.monotonic() + 10
        while self._answers():
            if time.monotonic() > deadline:
                raise AssertionError("a worker outlived the server")
            time.sleep(0.05)
        return code

    def _answers(self) -> bool:
        try:
            self.wire.request("GET", "/healthz")
        except OSError:
            return False
        return True

    @property
    def log(self) -> str:
        """What it has written to its standard error."""
        return (self.folder / "log").read_text()

    @property
    def wire(self) -> Wire:
        return Wire(self.port)

    def carrier(self, inside: str = "") -> Carrier:
        """Twilio, which signs for the public address and reaches the server behind it."""
        wire = cast("FlaskClient", Wire(self.port, inside))
        return Carrier(wire, TOKEN, self.public_url)

    @property
    def prefix(self) -> str:
        return urlsplit(self.public_url).path

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `backline` with the server's settings."""
        return subprocess.run(
            [sys.executable, "-m", "app", *arguments],
            cwd=self.folder,
            env=self.settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def export(self) -> list[dict[str, Any]]:
        """Every conversation, as the command gives them."""
        done = self.command("export", "--format", "jsonl")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]
