"""A real Chromium for the tests of pages: found on this machine, or fetched once.

`python -m tests.browser` fetches one where none is found; `./dev test` calls it first.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "Install Chromium (sudo apt-get install -y chromium), then type ./dev test again."

# Where its own services cannot be reached, a browser that looks for them is slow to start.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

# WCAG 2.2 AA is these together; "best-practice" is axe's own advice and holds for us too.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class NoBrowserError(RuntimeError):
    """No Chromium is on this machine; the message says what to do."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window. Raises NoBrowserError."""
    sandbox = os.geteuid() != 0  # Chromium refuses its sandbox to root
    with sync_playwright() as playwright:
        program = on_path() or _playwrights_own(playwright.chromium.executable_path)
        if program is None:
            raise NoBrowserError(ADVICE)
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=sandbox, args=list(QUIET)
        )
        try:
            yield browser
        finally:
            browser.close()


def on_path() -> str | None:
    """The first Chromium on the PATH that runs; Ubuntu has one that only asks for another."""
    found = (shutil.which(name) for name in NAMES)
    return next((program for program in found if program and _runs(program, "--version")), None)


def _playwrights_own(program: str) -> str | None:
    return program if Path(program).exists() else None


def fetch() -> None:
    """Put a Chromium on this machine, if there is none. Raises NoBrowserError."""
    with sync_playwright() as playwright:
        if on_path() or _playwrights_own(playwright.chromium.executable_path):
            return
    root = os.geteuid() == 0
    say = "Fetching Chromium for the tests of the pages: once, up to a minute..."
    print(say, file=sys.stderr)  # noqa: T201 - a command, and it takes a while
    if root and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        install = ("apt-get", "install", "-y", "--no-install-recommends", "chromium")
        if (_runs(*install) or (_runs("apt-get", "update") and _runs(*install))) and on_path():
            return
    libraries = ("--with-deps",) if root else ()
    if not _runs(sys.executable, "-m", "playwright", "install", *libraries, "chromium"):
        raise NoBrowserError(ADVICE)


def _runs(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@dataclass
class Visitor:
    """Somebody at a browser, who notices whatever goes wrong behind a page.

    `errors` holds what pages, their scripts and their requests complained of: tests demand that
    it is empty at the end, so one who expects a complaint takes it out.
    """

    page: Page
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.context.route(lambda url: not _is_ours(url), self._refused)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.errors.append(message.text)

    def _refused(self, route: Route, request: Request) -> None:
        self.errors.append(f"asked another host: {request.url}")
        route.abort()

    def barriers(self, *, colours_alone: bool = False) -> list[str]:
        """What keeps people out of this page, as axe finds it: empty if nothing does.

        `colours_alone`: for a page that was looked at whole, in its other colours.
        """
        only = {"type": "tag", "values": list(RULES)}
        if colours_alone:
            only = {"type": "rule", "values": ["color-contrast"]}
        # What passes is not wanted, and on a long page takes most of the time.
        options = {"runOnly": only, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{rule['id']}: {rule['help']}: {', '.join(str(n['target']) for n in rule['nodes'])}"
            for rule in found
        ]

    def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window, which nobody can read on a phone."""
        wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.page.evaluate(wider))


def _is_ours(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:", "about:"))


@contextmanager
def visiting(
    browser: Browser,
    *,
    width: int = 1280,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
) -> Iterator[Visitor]:
    """Somebody new at the browser, with a window of that many CSS pixels and no cookies yet."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        java_script_enabled=scripts,
        accept_downloads=True,
    )
    context.set_default_timeout(15_000)  # milliseconds; these machines are shared
    try:
        visitor = Visitor(context.new_page())
        yield visitor
    finally:
        context.close()
    assert visitor.errors == []


if __name__ == "__main__":
    try:
        fetch()
    except NoBrowserError as error:
        sys.exit(f"The tests of the pages need a browser, and none could be fetched. {error}")
