"""Files that Twilio itself keeps and serves, for when our server is down.

A TwiML Bin would be the obvious place, but no public API makes one. Twilio's Functions and Assets
do the same and have an API: a service, an environment with a domain, files in it, a build of them,
and the deployment of that build. An asset is served to GET alone.

Source: Twilio's "Functions and Assets API" (serverless.twilio.com/v1).
"""

import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import requests
from twilio.base.exceptions import TwilioRestException

from telephony.account import SECONDS_AT_MOST, Account, AccountError, asking
from telephony.codes import in_words

SERVICE: Final = "backline-safety-net"
"""The name of what is made in the account, which is also how it is found again."""

_ENVIRONMENT: Final = "production"
_UPLOADS: Final = "https://serverless-upload.twilio.com/v1"
_NOT_FOUND: Final = 404
_BUILD_SECONDS_AT_MOST: Final = 90
_LOOK_EVERY_SECONDS: Final = 1.5


class Hosting:
    """What the account keeps for us."""

    def __init__(self, account: Account, token: str) -> None:
        self._serverless = account.client.serverless.v1
        self._login = (account.sid, token)

    def address(self) -> str | None:
        """Where the files are served, without a slash at its end; None: nothing was uploaded."""
        service = self._service()
        environment = self._environment(service) if service else None
        return f"https://{environment.domain_name}" if environment else None

    def upload(self, files: Mapping[str, str]) -> str:
        """Serve the TwiML documents `files`, by path, in the place of what was there.

        Their address, without a slash at its end. AccountError: it is not known to be served.
        """
        with asking():
            service = self._service() or self._new_service()
            environment = self._environment(service) or service.environments.create(
                unique_name=_ENVIRONMENT
            )
            assets = {one.friendly_name: one for one in service.assets.list()}
            versions = [
                self._version(service, assets.get(path), path, document)
                for path, document in files.items()
            ]
            build = service.builds.create(asset_versions=versions)
            self._wait_for(build)
            environment.deployments.create(build_sid=build.sid)
        return f"https://{environment.domain_name}"

    def _service(self) -> Any:
        """The service, or None. By its SID: what is in it is not found by a name."""
        with asking():
            try:
                return self._serverless.services(self._serverless.services(SERVICE).fetch().sid)
            except TwilioRestException as error:
                if error.status == _NOT_FOUND:
                    return None
                raise

    def _new_service(self) -> Any:
        made = self._serverless.services.create(
            unique_name=SERVICE,
            friendly_name="Backline: what callers get while the server is down",
            include_credentials=False,
            ui_editable=True,
        )
        return self._serverless.services(made.sid)

    def _environment(self, service: Any) -> Any:
        with asking():
            found = service.environments.list()
        return next((one for one in found if one.unique_name == _ENVIRONMENT), None)

    def _version(self, service: Any, asset: Any, path: str, document: str) -> str:
        """Upload one file; the SID of this version of it."""
        asset = asset or service.assets.create(friendly_name=path)
        # The library cannot upload: this one address takes a form with a file in it.
        answer = requests.post(
            f"{_UPLOADS}/Services/{asset.service_sid}/Assets/{asset.sid}/Versions",
            data={"Path": path, "Visibility": "public"},
            files={"Content": (path.rpartition("/")[2], document.encode(), "text/xml")},
            auth=self._login,
            timeout=SECONDS_AT_MOST,
        )
        try:
            body = msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.DecodeError:
            body = {}
        if not answer.ok or "sid" not in body:
            code = body.get("code")
            raise AccountError(in_words(code, answer.status_code), code, answer.status_code)
        return str(body["sid"])

    def _wait_for(self, build: Any) -> None:
        patience = time.monotonic() + _BUILD_SECONDS_AT_MOST
        while (status := str(build.build_status().fetch().status)) != "completed":
            if status == "failed" or time.monotonic() > patience:
                raise AccountError(f"Twilio did not take the files: their build is {status}.")
            time.sleep(_LOOK_EVERY_SECONDS)


def served(url: str) -> str | None:
    """What an address gives to whoever asks; None where it gives nothing."""
    try:
        answer = requests.get(url, timeout=SECONDS_AT_MOST)
    except requests.RequestException:
        return None
    return answer.text if answer.ok else None
