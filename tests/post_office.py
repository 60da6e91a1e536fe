"""A real mail server in a test: it takes mail, or answers as it is told."""

from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.app.server import free_port


@dataclass
class PostOffice:
    """`with PostOffice() as post:` it takes mail at `post.url`.

    `letters`: what it took.  `answers`: what it says to the next ones instead.
    """

    letters: list[EmailMessage] = field(default_factory=list)
    answers: deque[str] = field(default_factory=deque)

    def __enter__(self) -> Self:
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers:
            return self.answers.popleft()
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"
