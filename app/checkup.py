"""The checks of `backline doctor`: each asks the real thing, and finds a sentence."""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Final

from app.carrier import Clinics, amiss, clinics_by, may
from app.content import DRAFT, sentence, state_by
from app.finding import Finding, Verdict
from app.settings import Settings
from store.database import Database
from store.errors import StoreError
from store.heartbeats import CLOCK, WORKER, alive
from store.stuck import stuck_alerts
from telephony.account import Account, AccountError, Number
from telephony.hosting import Hosting, served
from telephony.probe import ask_health, ask_signed

_CLOCK_SECONDS_AT_MOST: Final = 5
_OK, _REFUSED = 200, 403

_NEEDED: Final = {
    WORKER: "nothing is sent: no alert, no advice by text",
    CLOCK: "nothing happens by time: no nudge, no follow-up, no erasing",
}


def of_database(settings: Settings) -> Generator[Finding, None, bool]:
    """Whether it answers, has the right tables, and keeps what it is given; gives the first two."""
    database = Database(settings.database_url)
    try:
        current = database.is_current()
        why = database.durability()
    except StoreError as error:
        yield Finding("database", Verdict.WRONG, f"{_sentence(error)} DATABASE_URL says which one.")
        return False
    finally:
        database.close()
    if not current:
        told = "Its tables are not this program's: type 'backline db upgrade'."
        yield Finding("database", Verdict.WRONG, told)
        return False
    yield Finding("database", Verdict.OK, "It answers, and its tables are up to date.")
    lasting = f"What was answered may be lost in a power cut: {why}."
    yield Finding(
        "durability",
        Verdict.WRONG if why else Verdict.OK,
        lasting if why else "A turn is on the disk before its reply goes out.",
    )
    return True


def of_processes(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Whether a worker and a clock go on, on any machine."""
    database = Database(settings.database_url)
    try:
        going = alive(database, now)
    except StoreError as error:
        yield Finding("processes", Verdict.WRONG, _sentence(error))
        return
    finally:
        database.close()
    for kind, without in _NEEDED.items():
        hosts = sorted({process.host for process in going if process.kind == kind})
        yield Finding(
            kind,
            Verdict.OK if hosts else Verdict.WRONG,
            f"Goes on, on {', '.join(hosts)}."
            if hosts
            else f"None goes on, and so {without}: start it as the Procfile says.",
        )


def of_alerts(settings: Settings, now: datetime) -> Finding:
    """Whether what tells whoever is on call goes out."""
    database = Database(settings.database_url)
    try:
        stuck = stuck_alerts(database, now)
    except StoreError as error:
        return Finding("alerts", Verdict.WRONG, _sentence(error))
    finally:
        database.close()
    if stuck is None:
        return Finding("alerts", Verdict.OK, "None waits that should have gone out.")
    return Finding(
        "alerts",
        Verdict.WRONG,
        f"{stuck.count} to whoever is on call have not gone out since {stuck.since:%H:%M} UTC:"
        " ring them, and see what is said here of the account and of the worker.",
    )


def of_content(settings: Settings) -> Finding:
    """Whether a clinician has signed what is asked and said."""
    state = state_by(settings)
    if not state.startswith(DRAFT):
        return Finding("content", Verdict.OK, sentence(state))
    told = f"{sentence(state)} A clinician signs it with 'backline sign'."
    return Finding("content", Verdict.WRONG if settings.carrier else Verdict.UNKNOWN, told)


def of_public_url(settings: Settings) -> Iterator[Finding]:
    """Whether the world reaches us, and a signature gets through whatever stands in front."""
    if settings.public_url is None:
        told = "PUBLIC_URL is not set, so it cannot be asked: give it, to have it checked."
        yield Finding("public address", Verdict.UNKNOWN, told)
        return
    url = settings.public_url
    heard = ask_health(url)
    if heard.status == 0:
        told = f"{url} cannot be reached: {heard.why}. Is the server up, and its proxy?"
        yield Finding("public address", Verdict.WRONG, told)
        return
    if not heard.health:
        told = f"Something else answers at {url}: its proxy must lead to this service."
        yield Finding("public address", Verdict.WRONG, told)
        return
    if heard.status == _OK:
        yield Finding("public address", Verdict.OK, f"This service answers at {url}.")
    else:
        told = f"It answers at {url}, and is not well: store {heard.health.get('store')}."
        yield Finding("public address", Verdict.WRONG, told)
    for place, token in enumerate(settings.auth_tokens):
        yield _of_signature(url, token, "signature" if not place else "signature, second token")
    stranger = ask_signed(url, None)
    refused = stranger.status == _REFUSED
    yield Finding(
        "strangers",
        Verdict.OK if refused else Verdict.WRONG,
        "Whoever is not the carrier is refused."
        if refused
        else f"A request that nobody signed gets {stranger.status or stranger.why}, not 403.",
    )


def _of_signature(url: str, token: str, name: str) -> Finding:
    heard = ask_signed(url, token)
    if heard.status == _OK:
        return Finding(name, Verdict.OK, "A signed request is accepted behind the proxy.")
    if heard.status == _REFUSED:
        told = (
            "A signed request is refused: the server has another TWILIO_AUTH_TOKEN or PUBLIC_URL,"
            " or a proxy changes the path or the query. Start it again with these settings."
        )
    else:
        told = f"A signed request gets {heard.status or heard.why}: does a proxy redirect it?"
    return Finding(name, Verdict.WRONG, told)


def of_carrier(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Whether the carrier knows us, agrees about the time, and brings calls and texts here."""
    account = Account(settings.account_sid, settings.auth_tokens[0])
    try:
        standing = account.standing()
    except AccountError as error:
        asked = error.status is not None
        yield Finding("account", Verdict.WRONG if asked else Verdict.UNKNOWN, str(error))
        return
    told = "It is not active." if not standing.active else "Its SID and token are accepted."
    yield Finding("account", Verdict.OK if standing.active else Verdict.WRONG, told)
    # The carrier's answer took its time: what counts is now, and not when the checks began.
    yield _of_clock(standing.clock, max(now, datetime.now(UTC)))
    try:
        numbers = account.numbers()
        services = account.services()
        address = Hosting(account, settings.auth_tokens[0]).address()
    except AccountError as error:
        yield Finding("numbers", Verdict.UNKNOWN, str(error))
        return
    if not numbers:
        yield Finding("numbers", Verdict.WRONG, "The account has none: buy one at Twilio.")
        return
    clinics = clinics_by(settings)
    for number in numbers:
        yield from _of_number(number, clinics, settings.public_url, address)
    yield from may(account, settings.locale, list(numbers), services)


def _of_clock(carriers: datetime | None, now: datetime) -> Finding:
    if carriers is None:
        return Finding("clock", Verdict.UNKNOWN, "Twilio's answer had no time in it.")
    apart = abs((now - carriers).total_seconds())
    if apart <= _CLOCK_SECONDS_AT_MOST:
        return Finding("clock", Verdict.OK, "This machine and Twilio agree about the time.")
    told = f"This machine and Twilio are {apart:.0f} seconds apart: set its clock by NTP."
    return Finding("clock", Verdict.WRONG, told)


def _of_number(
    number: Number, clinics: Clinics, public_url: str | None, address: str | None
) -> Iterator[Finding]:
    if public_url is None:
        return
    # Where each fallback leads is looked at below, by what comes from there.
    found = [
        one
        for one in amiss(number, clinics, public_url, address, served)
        if "fallback" not in one.name
    ]
    told = "Its calls and texts come here."
    if found:
        told = f"{'; '.join(map(str, found))}. Type 'backline twilio connect'."
    yield Finding(number.phone, Verdict.WRONG if found else Verdict.OK, told)
    for medium, able in (("voice", number.voice), ("sms", number.sms)):
        if able:
            yield _of_fallback(number, medium, clinics, public_url)


def _of_fallback(number: Number, medium: str, clinics: Clinics, public_url: str) -> Finding:
    name = f"{number.phone}, {'calls' if medium == 'voice' else 'texts'} while we are down"
    url = number.takes[f"{medium}_fallback_url"]
    how = "Type 'backline twilio connect'."
    if not url:
        return Finding(
            name,
            Verdict.WRONG,
            f"No fallback is set, so a caller then hears an error and no number to call. {how}",
        )
    if url.startswith(f"{public_url}/"):
        told = "The fallback is this server itself, which cannot answer while it is down."
        return Finding(name, Verdict.WRONG, f"{told} {how}")
    if clinics.is_net(number, medium, served):
        return Finding(name, Verdict.OK, "The carrier gives the safety net by itself.")
    return Finding(name, Verdict.WRONG, f"What it gives is not the safety net as it is now. {how}")


def _sentence(error: StoreError) -> str:
    words = str(error)
    return f"{words[0].upper()}{words[1:]}."
