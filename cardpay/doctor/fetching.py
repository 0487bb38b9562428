"""Reading an address, for checks: one try, a few seconds, a reason in words."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_SECONDS: Final = 5.0
_LARGEST_BYTES: Final = 1_000_000


class NotFetched(Exception):
    """There was no answer; `reason` says why, and `is_certificate` that TLS is the matter."""

    def __init__(self, reason: str, *, is_certificate: bool = False) -> None:
        self.reason = reason
        self.is_certificate = is_certificate
        super().__init__(reason)


@dataclass(frozen=True)
class Fetched:
    """An answer. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(address: str) -> Fetched:
    """What is there; NotFetched. The caller knows that it is an http or https address."""
    request = Request(address, headers={"User-Agent": "cardpay-doctor"})  # noqa: S310 - see above
    try:
        with urlopen(request, timeout=_SECONDS) as reply:  # noqa: S310 - see above
            return Fetched(reply.status, _headers(reply.headers), reply.read(_LARGEST_BYTES))
    except HTTPError as error:
        return Fetched(error.code, _headers(error.headers), b"")
    except URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise NotFetched("its certificate is not trusted", is_certificate=True) from error
        raise NotFetched(_words(error.reason)) from error
    except (OSError, HTTPException) as error:
        raise NotFetched(_words(error)) from error


def _headers(given: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}


def _words(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, ConnectionRefusedError):
        return "nothing answers there"
    return type(reason).__name__ if isinstance(reason, Exception) else "no connection"
