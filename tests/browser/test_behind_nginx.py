"""Two desks on one PostgreSQL behind nginx with TLS, as the documentation configures it."""

import socket
import ssl
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from components.balance.balance_links import month_end_link
from tests.support.databases import postgresql
from tests.support.databases.databases import PostgresqlDatabases
from tests.support.processes import nginx, servers
from tests.support.processes.identity_provider import IdentityProvider, sign_in
from tests.support.processes.nginx import Nginx
from tests.support.processes.servers import AUDIT_KEY, Server, StripeServer
from tests.support.processes.thread_servers import answered
from tests.support.processes.waiting import wait_for
from tests.support.screens.header import person, sign_out
from tests.support.screens.take_payment_screen import TakePayment

pytestmark = pytest.mark.full

FILE = month_end_link(date(2026, 1, 1), date(2026, 1, 31))
STICKY = "cardpay_browser"
USER = "_streamlit_user"


@dataclass
class Behind:
    """Both desks, their database, and nginx in front of them."""

    nginx: Nginx
    desks: dict[str, Server]
    database: str

    def desk_of(self, context: BrowserContext) -> str:
        """The address of the desk that answers this browser: one, and always the same."""
        name = {cookie["name"]: cookie["value"] for cookie in context.cookies()}[STICKY]
        wait_for(lambda: any(name in line for line in self.nginx.served()), "nginx served nothing")
        (found,) = {line[0] for line in self.nginx.served() if name in line}
        return found

    def origins(self) -> set[str]:
        """Where people signed in from, by the audit log."""
        with psycopg.connect(self.database) as connection:
            rows = connection.execute("SELECT origin FROM audit_entry WHERE act = 'sign_in'")
            return {str(origin) for (origin,) in rows}


@pytest.fixture
def behind(tmp_path: Path, provider: IdentityProvider, stripe: StripeServer) -> Iterator[Behind]:
    """With the same settings, as the documentation says."""
    port, ports = servers.free_port(), [servers.free_port(), servers.free_port()]
    with ExitStack() as stack:
        databases = PostgresqlDatabases(stack.enter_context(postgresql.cluster()))
        url = stack.enter_context(databases.copy(databases.template()))
        settings = {
            **servers.with_keys(),
            **provider.settings(port),
            "CARDPAY_OIDC_REDIRECT_URI": f"https://127.0.0.1:{port}/oauth2callback",
            "CARDPAY_DATABASE_URL": url,
            "CARDPAY_STRIPE_API_BASE": stripe.url,
            "CARDPAY_AUDIT_KEY": AUDIT_KEY,
            "CARDPAY_AUDIT_HEADS": str(tmp_path / "audit-heads.log"),
            "CARDPAY_EXPORT_FOLDER": str(tmp_path / "exports"),
        }
        desks = {}
        for number in ports:
            command = servers.python("-m", "uvicorn", "app:app", f"--port={number}")
            folder = tmp_path / str(number)
            folder.mkdir()
            desks[f"127.0.0.1:{number}"] = stack.enter_context(
                servers.serving(folder, "app", number, command, up="/readyz", **settings)
            )
        front = stack.enter_context(nginx.serving(tmp_path, port, ports))
        yield Behind(front, desks, url)


def signed_in(browser: Browser, behind: Behind, who: str) -> tuple[BrowserContext, Page]:
    """A new browser of somebody who has signed in."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(behind.nginx.url)
    sign_in(page, who)
    expect(person(page)).to_be_visible()
    return context, page


def two_browsers(browser: Browser, behind: Behind, who: str) -> list[tuple[BrowserContext, Page]]:
    """One at each desk: which of them a new browser comes to is chance.

    They say that they come from elsewhere.
    """
    found: dict[str, tuple[BrowserContext, Page]] = {}
    for _ in range(40):
        context = browser.new_context(
            ignore_https_errors=True, extra_http_headers={"X-Forwarded-For": "203.0.113.9"}
        )
        page = context.new_page()
        page.goto(behind.nginx.url)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        found.setdefault(behind.desk_of(context), (context, page))
        if len(found) == 2:
            break
    assert found.keys() == behind.desks.keys()
    for _, page in found.values():
        sign_in(page, who)
        expect(person(page)).to_be_visible()
    return [found[desk] for desk in behind.desks]


def moved(browser: Browser, behind: Behind, came: BrowserContext, to: BrowserContext) -> int:
    """The status of a file for one browser's session at the desk of another browser."""
    session = [each for each in came.cookies() if each["name"].startswith((USER, "__Host-"))]
    place = [each for each in to.cookies() if each["name"] == STICKY]
    with_both = browser.new_context(ignore_https_errors=True)
    with_both.add_cookies([*session, *place])  # type: ignore[list-item] # the same keys
    return with_both.request.get(f"{behind.nginx.url}{FILE}").status


def test_sessions_and_downloads_hold_at_both_desks(browser: Browser, behind: Behind) -> None:
    """Each browser stays with its desk; a session is one at both, and ends at both."""
    (first, page), (second, other) = two_browsers(browser, behind, "analyst")
    for context, _ in ((first, page), (second, other)):
        cookies = {each["name"]: each for each in context.cookies()}
        assert all(cookies[name]["secure"] for name in (STICKY, "_streamlit_xsrf"))
        got = context.request.get(f"{behind.nginx.url}{FILE}")
        assert (got.status, got.headers["cache-control"]) == (200, "no-store")
    assert moved(browser, behind, first, second) == 200
    kept = first.storage_state()
    sign_out(page)
    wait_for(lambda: moved(browser, behind, first, first) == 401, "the file is still handed out")
    expect(person(other)).to_be_visible()
    replayed = browser.new_context(ignore_https_errors=True, storage_state=kept)
    assert moved(browser, behind, replayed, second) == 401
    assert behind.desk_of(first) != behind.desk_of(second)
    assert behind.origins() == {"127.0.0.1"}  # nginx says so, whatever a browser said


def test_a_payment_is_taken_and_a_desk_that_is_gone_is_not_missed(
    browser: Browser, behind: Behind
) -> None:
    """Whoever was at it goes on at the other, still signed in."""
    context, page = signed_in(browser, behind, "agent")
    screen = TakePayment(page, behind.nginx.url)
    screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    gone = behind.desk_of(context)
    behind.desks[gone].process.terminate()
    behind.desks[gone].process.wait()
    page.goto(behind.nginx.url)
    expect(person(page)).to_be_visible()


def test_strangers_reach_no_more_through_nginx(behind: Behind) -> None:
    """No more addresses, no plain HTTP, no two hosts, no endless headers."""
    trusting = ssl.create_default_context(cafile=str(behind.nginx.folder / "desk.pem"))
    port = int(behind.nginx.url.rpartition(":")[2])

    def status(request: str) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            trusting.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            connection.sendall(f"{request}\r\nConnection: close\r\n\r\n".encode())
            return answered(connection).partition(b"\r\n")[0]

    host = f"Host: 127.0.0.1:{port}"
    for request, code in (
        (f"GET / HTTP/1.1\r\n{host}", 200),
        (f"GET /healthz HTTP/1.1\r\n{host}", 200),
        (f"POST /webhooks/stripe HTTP/1.1\r\n{host}\r\nContent-Length: 0", 404),
        (f"GET /_stcore/metrics HTTP/1.1\r\n{host}", 404),
        (f"GET /nothing HTTP/1.1\r\n{host}", 404),
        (f"GET {FILE} HTTP/1.1\r\n{host}", 401),
        (f"GET / HTTP/1.1\r\n{host}\r\nHost: evil.example", 400),
        ("GET / HTTP/1.1\r\nHost: evil.example", 400),
        (f"GET / HTTP/1.1\r\n{host}\r\nCookie: {'x' * 70_000}", 400),
        (f"POST / HTTP/1.1\r\n{host}\r\nContent-Length: 2000000", 413),
    ):
        assert status(request).split(b" ")[1] == str(code).encode(), request[:80]
    answer = urllib.request.build_opener(_Stay).open(behind.nginx.plain_url)
    assert (answer.status, answer.headers["Location"]) == (308, f"{behind.nginx.url}/")


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_308(self, _request: object, answer: object, *_: object) -> object:
        """Do not follow."""
        return answer
