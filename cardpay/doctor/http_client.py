"""One GET request for a check: one try, a few seconds, and the reason if it fails."""

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import httpx

_SECONDS: Final = 5.0
_LARGEST_BYTES: Final = 1_000_000


class NoAnswer(Exception):
    """No answer. `reason` says why; `is_certificate` is true if the certificate is not trusted."""

    def __init__(self, reason: str, *, is_certificate: bool = False) -> None:
        self.reason = reason
        self.is_certificate = is_certificate
        super().__init__(reason)


@dataclass(frozen=True)
class Answer:
    """An answer. Header names are not case-sensitive; `body` is at most a megabyte of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def http_get(address: str) -> Answer:
    """GET `address`, following redirects. NoAnswer if there is none."""
    try:
        with httpx.stream(
            "GET",
            address,
            headers={"User-Agent": "cardpay-doctor"},
            timeout=_SECONDS,
            follow_redirects=True,
            verify=ssl.create_default_context(),  # whom this machine trusts, as browsers do
        ) as reply:
            beginning = next(reply.iter_bytes(_LARGEST_BYTES), b"")
            return Answer(reply.status_code, reply.headers, beginning)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
            raise NoAnswer("its certificate is not trusted", is_certificate=True) from error
        raise NoAnswer(_words(causes)) from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _words(causes: list[BaseException]) -> str:
    if isinstance(causes[0], httpx.TimeoutException):
        return "no answer in time"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "nothing answers there"
    return type(causes[-1]).__name__
