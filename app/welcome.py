"""What `backline serve` says when it has started: where it answers, and what to do next."""

from app.content import DRAFT, sentence
from app.settings import Settings


def welcome(settings: Settings, command: str, content: str = DRAFT) -> str:
    """`command`: how the command is typed here.  `content`: whether it is signed off."""
    here = f"http://localhost:{settings.port}"
    outside = settings.public_url or ("https://YOUR-ADDRESS" if not settings.carrier else here)
    first = (
        f"Backline answers for {settings.clinic.name} ({settings.locale}) at {here}."
        " Ctrl-C stops it."
    )
    state = (
        "The carrier's requests are expected at the addresses below."
        if settings.carrier
        else "No carrier is connected: this is a demonstration, with keys of its own in .backline/."
    )
    page = f"  {here}/try\n" if not settings.carrier else ""
    connect = (
        "In the Twilio console give the number these addresses, all with POST:"
        if settings.carrier
        else "To connect a Twilio number, fill in .env as .env.example says, start again, and give"
        " the number these addresses, all with POST:"
    )
    return f"""
{first}
{state}
{sentence(content)}

Talk to it here, without a phone:

{page}  {command} simulate --as text
  {command} simulate --as call

Read what was said on the desk, at {here}/desk. Its first admin is made by:

  {command} staff add --name "YOUR NAME" --email YOU@EXAMPLE.ORG --role admin

{connect}

  a message comes in      {outside}/sms
    if that fails         {outside}/sms/fallback
  a call comes in         {outside}/voice
    if that fails         {outside}/voice/fallback
    call status changes   {outside}/voice/status

How it is: {here}/healthz
"""
