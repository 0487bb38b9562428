"""Reading an address: what is taken of an answer, and what stands where there is none."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from cardpay.doctor import http_client
from cardpay.doctor.http_client import NoAnswer, http_get
from tests.support.processes.http_stand_in import StandIn, self_signed, stand_in
from tests.support.processes.servers import free_port


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of one that listens, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def reason(address: str) -> tuple[str, bool]:
    """Why there is no answer."""
    with pytest.raises(NoAnswer) as failed:
        http_get(address)
    return failed.value.reason, failed.value.is_certificate


def spy_on_timeouts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each request is told to wait, from now on."""
    told: list[float] = []
    stream = httpx.stream

    def noted(*given: Any, timeout: float, **more: Any) -> AbstractContextManager[httpx.Response]:
        told.append(timeout)
        return stream(*given, timeout=timeout, **more)

    monkeypatch.setattr(httpx, "stream", noted)
    return told


def test_an_answer() -> None:
    """Its status, its headers in any case, its body."""
    with stand_in(StandIn(404, b"<html>", {"Strict-Transport-Security": "x"})) as there:
        got = http_get(there.url)
    assert (got.status, got.headers["strict-transport-security"]) == (404, "x")
    assert got.body == b"<html>"


def test_a_redirect_is_followed() -> None:
    """As a browser would."""
    with stand_in(StandIn(body=b"there")) as there:
        moved = StandIn(302, b"", {"Location": f"{there.url}/elsewhere"})
        with stand_in(moved) as here:
            assert http_get(here.url).body == b"there"
        assert there.asked == ["/elsewhere"]


def test_of_an_endless_answer_the_beginning_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills this machine's memory."""
    monkeypatch.setattr(http_client, "_LARGEST_BYTES", 10)
    with stand_in(StandIn(body=b"0123456789abcdef")) as there:
        assert http_get(there.url).body == b"0123456789"


def test_no_answer_in_time(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for as long as the library would."""
    monkeypatch.setattr(http_client, "_SECONDS", 0.05)
    waited = spy_on_timeouts(monkeypatch)
    assert reason(silent) == ("no answer in time", False)
    assert waited == [0.05]


def test_nothing_there(tmp_path: Path) -> None:
    """Whether nothing listens, the certificate is nobody's, or the address is none."""
    assert reason(f"http://127.0.0.1:{free_port()}") == ("nothing answers there", False)
    with stand_in(StandIn(), self_signed(tmp_path)) as there:
        assert reason(there.url) == ("its certificate is not trusted", True)
    assert reason("http://name.invalid/") == ("gaierror", False)
    assert reason("http://[::1/") == ("ValueError", False)
