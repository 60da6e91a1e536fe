"""The command `twilio connect`: the clinic's numbers, set up without the console."""

import time
from dataclasses import dataclass
from typing import Final

import click

from app.addresses import Difference
from app.carrier import Clinics, amiss, clinics_by, may
from app.checks import Wrong, phone
from app.command import settings_or_exit
from app.settings import Settings
from telephony.account import Account, AccountError, Number, Service
from telephony.client import Carrier
from telephony.codes import in_words
from telephony.hosting import Hosting, served
from telephony.outgoing import DeliveryError, Text

_FINAL: Final = ("delivered", "undelivered", "failed")
_LOOKS: Final = 8
_LOOK_EVERY_SECONDS: Final = 1.0
NOT_YET: Final = "https://(at Twilio)"

_NOT_REACHED: Final = (
    "Twilio cannot reach this server: it brings calls and texts over the internet, to an https"
    " address. PUBLIC_URL gives none; one on this machine, such as http://localhost:8000, is for"
    " trying the line out alone. Put a proxy with a certificate in front of the server (the README"
    " shows one), give its address as PUBLIC_URL, such as https://line.example.org, and start the"
    " server again."
)
_BY_HAND: Final = (
    "To keep the safety net at Twilio by hand: open TwiML Bins in the Twilio console, make one of"
    ' each document below, and choose it for the number where it says "primary handler fails".'
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be changed.

    `upload`: the safety net is put on Twilio's servers first.
    `services`: messaging services that take the texts of our numbers themselves.
    """

    upload: bool
    services: tuple[Service, ...]
    numbers: tuple[tuple[Number, tuple[Difference, ...]], ...]

    def lines(self) -> list[str]:
        """It, for people to read."""
        shown = []
        if self.upload:
            shown.append("The safety net for when this server is down: put on Twilio's servers.")
        shown += [
            f"Messaging service {service.name} takes the texts of its numbers itself"
            f" ({', '.join(service.numbers)}): each number decides instead."
            for service in self.services
        ]
        for number, found in self.numbers:
            shown.append(f"{number.phone}: {'' if found else 'as it should be.'}".rstrip())
            shown += [f"  {one}" for one in found]
        return shown

    def empty(self) -> bool:
        return not (self.upload or self.services or any(found for _, found in self.numbers))


@click.command("connect")
@click.option("--dry-run", is_flag=True, help="Say what would be changed, and change nothing.")
@click.option("--number", "chosen", multiple=True, help="This number alone; may be repeated.")
@click.option("--no-upload", is_flag=True, help="Keep nothing on Twilio's servers.")
@click.option("--test-text", "to", help="Send a text to this number at the end.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(
    chosen: tuple[str, ...], to: str | None, *, dry_run: bool, no_upload: bool, yes: bool
) -> None:
    """Let the clinic's Twilio numbers bring their calls and texts here.

    It finds the numbers of the account, says where the calls and texts of each go and where they
    should go, asks, and sets that. The safety net for when this server is down is put on Twilio's.
    """
    recipient, only = _phone(to, "--test-text"), [_phone(one, "--number") for one in chosen]
    settings = settings_or_exit()
    if not settings.carrier:
        raise click.ClickException("No carrier is connected: fill in .env as .env.example says.")
    if not settings.public_url or not settings.public_url.startswith("https://"):
        raise click.ClickException(_NOT_REACHED)
    try:
        connection = _Connection(settings, only, upload=not no_upload)
        connection.show()
        if dry_run:
            click.echo("Nothing was changed.")
            return
        if connection.plan.empty():
            click.echo("Nothing is to be changed.")
        else:
            if not yes:
                click.confirm("Change that?", abort=True)
            connection.make()
        if recipient:
            connection.test(recipient)
    except AccountError as error:
        raise click.ClickException(str(error)) from None


class _Connection:
    """The account as it is, and what it needs. AccountError: the carrier refuses, or is away."""

    def __init__(self, settings: Settings, only: list[str], *, upload: bool) -> None:
        self._settings = settings
        self._public_url = settings.public_url or ""
        self._account = Account(settings.account_sid, settings.auth_tokens[0])
        self._hosting = Hosting(self._account, settings.auth_tokens[0])
        self._clinics: Clinics = clinics_by(settings)
        self._standing = self._account.standing()
        if not self._standing.active:
            raise AccountError("The account is not active: see to it in the Twilio console.")
        self._numbers = _chosen(self._account.numbers(), only)
        self._services = self._account.services()
        self._by_hand = not upload
        address = self._hosting.address() if upload else None
        needed = upload and not self._clinics.net_is_served(address, served)
        self.plan = Plan(
            upload=needed,
            services=self._in_the_way(),
            numbers=self._amiss((address or NOT_YET) if upload else None),
        )
        self._address = address

    def _in_the_way(self) -> tuple[Service, ...]:
        phones = {number.phone for number in self._numbers if number.sms}
        return tuple(s for s in self._services if not s.defers and phones & set(s.numbers))

    def _amiss(self, address: str | None) -> tuple[tuple[Number, tuple[Difference, ...]], ...]:
        return tuple(
            (number, amiss(number, self._clinics, self._public_url, address, served))
            for number in self._numbers
        )

    def show(self) -> None:
        if self._standing.trial:
            click.echo("A trial account: it texts and calls verified numbers alone.")
        for line in self.plan.lines():
            click.echo(line)
        if self._by_hand:
            self._show_documents()
        for finding in may(self._account, self._settings.locale, self._numbers, self._services):
            click.echo(str(finding))

    def _show_documents(self) -> None:
        click.echo(_BY_HAND)
        for path, document in self._clinics.documents().items():
            click.echo(f"\n{path[1:]}\n{document}")
        click.echo("")

    def make(self) -> None:
        """Change what the plan says."""
        address = self._upload() if self.plan.upload else self._address
        for service in self.plan.services:
            self._account.let_numbers_decide(service)
        for number, found in self._amiss(None if self._by_hand else address):
            if found:
                self._account.change(number, {one.name: one.after for one in found})
                click.echo(f"{number.phone}: changed.")

    def _upload(self) -> str | None:
        """Where Twilio serves the safety net from now on; None where it does not take it."""
        try:
            address = self._hosting.upload(self._clinics.documents())
        except AccountError as error:
            click.echo(f"The safety net could not be put on Twilio's servers: {error}")
            self._show_documents()
            return None
        click.echo(f"The safety net is at {address}.")
        return address

    def test(self, to: str) -> None:
        """Send a text, and wait a few seconds for what becomes of it."""
        sender = next((number for number in self._numbers if number.sms), None)
        if sender is None:
            raise AccountError("None of the numbers can send texts.")
        words = f"{self._settings.clinic.name}: a test of the massage check line. All is well."
        carrier = Carrier(self._settings.account_sid, self._settings.auth_tokens[0])
        try:
            found = carrier.send(Text(to, sender.phone, words))
            for _ in range(_LOOKS):
                if found.code or found.state in _FINAL:
                    break
                time.sleep(_LOOK_EVERY_SECONDS)
                found = carrier.text(found.sid)
        except DeliveryError as error:
            raise AccountError(f"The test text was not sent. {error}") from None
        if found.code or found.state in ("undelivered", "failed"):
            raise AccountError(f"The test text was not delivered. {in_words(found.code)}")
        click.echo(f"The test text from {sender.phone}: {found.state}.")


def _chosen(numbers: tuple[Number, ...], only: list[str]) -> list[Number]:
    if not numbers:
        raise AccountError("The account has no number: buy one in the Twilio console.")
    there = {number.phone: number for number in numbers}
    missing = [one for one in only if one not in there]
    if missing:
        raise AccountError(
            f"The account does not have {', '.join(missing)}; it has {', '.join(there)}."
        )
    return [there[one] for one in only] if only else list(numbers)


def _phone(value: str | None, option: str) -> str:
    try:
        return phone(value) if value else ""
    except Wrong:
        sentence = "give it with + and the country's code: +12025550143."
        raise click.BadParameter(sentence, param_hint=option) from None
