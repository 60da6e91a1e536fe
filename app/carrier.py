"""The clinics' numbers at the carrier: what they need, beside what they have."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from app import permissions
from app.addresses import (
    Difference,
    SafetyNet,
    differences,
    documents,
    hosted_net,
    own_net,
    same_document,
    sms_file,
    voice_file,
    wanted,
)
from app.finding import Finding
from app.settings import Settings
from app.sites import AllSites
from duty.clinic import FIRST
from flows.line import Line
from store.database import Database
from store.sealing import Sealer
from telephony.account import Account, Number, Service


@dataclass(frozen=True, slots=True)
class Clinics:
    """The line of each clinic by its id, and which clinic a number is of."""

    lines: Mapping[int, Line]
    of_number: Mapping[str, int] = field(default_factory=dict)

    def of(self, number: Number) -> int:
        """The clinic that answers at `number`: the first, where it is nobody else's."""
        return self.of_number.get(number.phone, FIRST)

    def documents(self) -> dict[str, str]:
        return documents(self.lines)

    def net_is_served(self, address: str | None, serve: Callable[[str], str | None]) -> bool:
        """Whether `address` gives every clinic's safety net, as it is now."""
        return address is not None and all(
            same_document(serve(f"{address}{path}"), document)
            for path, document in self.documents().items()
        )

    def is_net(self, number: Number, medium: str, serve: Callable[[str], str | None]) -> bool:
        """Whether the number's fallback for "voice" or "sms" gives its clinic's safety net."""
        path = voice_file(self.of(number)) if medium == "voice" else sms_file(self.of(number))
        url = number.takes[f"{medium}_fallback_url"]
        return bool(url) and same_document(serve(url), self.documents()[path])


def clinics_by(settings: Settings) -> Clinics:
    """The clinics of the installation; the settings' own alone where the database is not there."""
    database = Database(settings.database_url)
    sites = AllSites(settings, database, Sealer(settings.secret_key))
    lines = {site.id: site.line for site in sites.all()}
    of = {number: one.id for one in sites.clinics() for number in one.numbers if one.id in lines}
    database.close()
    return Clinics(lines, of)


def amiss(
    number: Number,
    clinics: Clinics,
    public_url: str,
    address: str | None,
    serve: Callable[[str], str | None],
) -> tuple[Difference, ...]:
    """What of a number is not as it should be.

    `address`: where Twilio serves the safety net; None for our own memory, and then whatever else
    gives the same safety net is left as it is: a TwiML Bin made by hand is as good.
    """
    clinic = clinics.of(number)
    net: SafetyNet = hosted_net(address, clinic) if address else own_net(public_url)
    values = wanted(number, public_url, net)
    if address is None:
        for medium in ("voice", "sms"):
            url = f"{medium}_fallback_url"
            elsewhere = not number.takes[url].startswith(f"{public_url}/")
            if url in values and elsewhere and clinics.is_net(number, medium, serve):
                del values[url], values[f"{medium}_fallback_method"]
    return differences(number, values)


def may(
    account: Account, locale: str, numbers: list[Number], services: tuple[Service, ...]
) -> Iterator[Finding]:
    """What the account may do, as far as the carrier tells. `locale`: the clinic's."""
    country = locale.partition("-")[2]
    yield from permissions.each("calls", lambda: permissions.of_dialling(account, country))
    yield from permissions.each("texts", lambda: permissions.of_texting(account, country))
    yield from permissions.each(
        "registration", lambda: permissions.of_registration(account, numbers, services)
    )
