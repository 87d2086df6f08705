"""Requests to AWS Bedrock, signed again: what a client signed for the proxy's address holds for
no other.

The signature covers the URL and the body exactly as they are given, so both must go out byte for
byte. Credentials come from the standard AWS chain (environment, profile, single sign-on,
container, instance) each time they are needed; none is kept here or written anywhere. They are
lent to nobody who did not sign: a request with a bearer key, or with nothing, passes as it came,
and so does one for another path than the runtime's own. This file opens no connection of its
own, but the chain may (to refresh), so `signed` can block: call it in a thread.
"""

import importlib
import re
from collections.abc import Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from headroom.errors import SettingsError

_SERVICE = "bedrock"
_HOST = re.compile(r"(?:^|\.)bedrock-runtime(?:-fips)?\.(?P<region>[a-z0-9-]+)\.")
_OPERATION = re.compile(
    r"/(?:model/[^/]+/(?:converse|invoke|count-tokens)[a-z-]*"
    r"|guardrail/[^/]+/version/[^/]+/apply|async-invoke(?:/[^/]+)?)\Z"
)
_OWN = "x-amz-"
_NO_BOTOCORE = (
    "requests to AWS Bedrock are signed with botocore, which is not installed: "
    "pip install 'headroom-ai[bedrock]'"
)
_NO_CREDENTIALS = (
    "no AWS credentials to sign the request to Bedrock with: run `aws configure` or `aws sso "
    "login` as the user that runs the proxy, set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY"
)

Header = tuple[str, str]


class Signer:
    """Signs for the Bedrock runtime. `region` is for upstreams whose host does not name one.

    Safe to use from several threads.
    """

    def __init__(self, region: str = "") -> None:
        self._region = region
        self._opening = Lock()
        self._session: Any = None

    def signed(self, method: str, url: str, headers: Sequence[Header], body: bytes) -> list[Header]:
        """The headers to send to `url`: the client's without its own signature, then the host
        and ours. Those of a request that is not signed, or is not for the Bedrock runtime, come
        back unchanged. May block.

        Raises:
            SettingsError: botocore, the credentials or the region are missing; how to mend it.
        """
        if not is_signed(headers) or not _OPERATION.search(urlsplit(url).path):
            return list(headers)
        try:
            auth = importlib.import_module("botocore.auth")
            requests = importlib.import_module("botocore.awsrequest")
        except ImportError as error:
            raise SettingsError(_NO_BOTOCORE) from error
        credentials, region = self._identity(url)
        passed = [(name, value) for name, value in headers if not _is_replaced(name)]
        host = host_of(url)
        # Only what names the request is signed: a gateway on the way may touch other headers.
        signed = {"Host": host}
        signed.update({name: value for name, value in passed if name.lower() == "content-type"})
        request = requests.AWSRequest(method, url, signed, data=body)
        auth.SigV4Auth(credentials, _SERVICE, region).add_auth(request)
        made = [
            (name, request.headers[name])
            for name in ("X-Amz-Date", "X-Amz-Security-Token", "Authorization")
            if name in request.headers
        ]
        return [("Host", host), *passed, *made]

    def _identity(self, url: str) -> tuple[Any, str]:
        """Credentials that do not change while they are used, and the region."""
        errors = importlib.import_module("botocore.exceptions")
        try:
            session = self._opened()
            region = region_of(url) or self._region or session.get_config_variable("region")
            credentials = session.get_credentials()
            frozen = credentials and credentials.get_frozen_credentials()
        except (errors.BotoCoreError, errors.ClientError) as error:
            raise SettingsError(f"the AWS credentials cannot be had: {error}") from error
        if not frozen or not frozen.access_key or not frozen.secret_key:
            raise SettingsError(_NO_CREDENTIALS)
        if not region:
            raise SettingsError(
                f"no AWS region is known for {host_of(url)}: set AWS_REGION, or name an upstream "
                "such as https://bedrock-runtime.us-east-1.amazonaws.com"
            )
        return frozen, region

    def _opened(self) -> Any:
        with self._opening:
            if self._session is None:
                self._session = importlib.import_module("botocore.session").Session()
            return self._session


def is_signed(headers: Sequence[Header]) -> bool:
    """Whether the client signed its request with AWS credentials of its own."""
    return any(
        name.lower() == "authorization" and value.startswith("AWS4-") for name, value in headers
    )


def region_of(url: str) -> str:
    """The region that a Bedrock runtime's host names, or empty."""
    found = _HOST.search(urlsplit(url).hostname or "")
    return found["region"] if found else ""


def host_of(url: str) -> str:
    """The Host header for `url`: lower-case, the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _is_replaced(name: str) -> bool:
    """Headers of the client's own signature, and those that its signature forced on it."""
    name = name.lower()
    return name in ("authorization", "host") or name.startswith(_OWN)
