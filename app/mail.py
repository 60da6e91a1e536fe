"""Sending a mail, with the standard library: over TLS wherever the server can."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

from app.settings import Settings

TIMEOUT_SECONDS: Final = 10.0
_REFUSED: Final = 500
_PORTS: Final = {"smtp": 587, "smtps": 465}


class MailError(Exception):
    """It was not sent. `permanent`: it never will be so. No word of the server's is in it."""

    def __init__(self, *, permanent: bool) -> None:
        self.permanent = permanent
        super().__init__("the mail server refused it" if permanent else "it was not sent")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `about`: the same for the same mail, so that one sent twice is shown once."""

    to: str
    subject: str
    body: str
    about: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A server that takes mail, and whose.

    `url`: "smtp://USER:PASSWORD@HOST:PORT", which turns to TLS where the server offers it and must
    with a password; or "smtps://...", which begins with it.  `sender`: the address it is from.
    """

    url: str
    sender: str

    def send(self, letter: Letter) -> None:
        """Hand it over. MailError: the server has not taken it, or not said so."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, letter.to, letter.subject
        host = self.sender.rpartition("@")[2].strip("> ")
        message["Message-ID"] = f"<{letter.about}@{host}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        with _failing(), self._connected() as server:
            server.send_message(message)

    def check(self) -> None:
        """Go as far as being let in. MailError: it does not get there."""
        with _failing(), self._connected():
            pass

    def _connected(self) -> smtplib.SMTP:
        at, trusted = urlsplit(self.url), ssl.create_default_context()
        host, port = at.hostname or "", at.port or _PORTS[at.scheme]
        if at.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port, timeout=TIMEOUT_SECONDS, context=trusted
            )
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            server.ehlo()
            if server.has_extn("starttls") or at.username:
                server.starttls(context=trusted)
                server.ehlo()
        if at.username:
            server.login(unquote(at.username), unquote(at.password or ""))
        return server


@contextmanager
def _failing() -> Iterator[None]:
    """For the block, what goes wrong is a MailError, with none of the server's words."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _ in refused.recipients.values()]
        raise MailError(permanent=min(codes) >= _REFUSED) from None
    except smtplib.SMTPResponseException as answer:
        raise MailError(permanent=answer.smtp_code >= _REFUSED) from None
    except (OSError, smtplib.SMTPException):
        raise MailError(permanent=False) from None


def mailbox_of(settings: Settings) -> Mailbox | None:
    """That of the settings; None where they name no server for mail."""
    return Mailbox(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
