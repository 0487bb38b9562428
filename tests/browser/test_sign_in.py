"""Signing in and out in Chromium, against a real identity provider."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cardpay.domain.company import DEMO_COMPANY
from components.receipts.receipt_links import pdf_link
from tests.support.processes import servers
from tests.support.processes.identity_provider import (
    CONTACT,
    IdentityProvider,
    identity_provider,
    sign_in,
)
from tests.support.processes.servers import Server
from tests.support.screens.header import expect_pages, person, sign_out

UNKNOWN_PAYMENT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def desk_with_sign_in(
    tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> Iterator[Server]:
    """The demo's payments, behind a sign-in."""
    port = servers.free_port()
    folder = tmp_path_factory.mktemp("desk_with_sign_in")
    with servers.app(folder, port, **provider.settings(port)) as running:
        yield running


def door(page: Page) -> None:
    """The way in is there, and nothing else of the desk."""
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_test_id("stTopNav")).to_have_count(0)
    for title in ("Take payment", "Payments", "Settings"):
        expect(page.get_by_text(title, exact=True)).to_have_count(0)


def inside(page: Page, title: str = "Take payment") -> None:
    """The desk's page is there, and the way out."""
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(person(page)).to_be_visible()


def audited(server: Server) -> list[tuple[str, str]]:
    """The acts of sign-in and what came of them, first to last."""
    with closing(sqlite3.connect(server.folder / "desk.db")) as database:
        return database.execute(
            "SELECT act, actor_id FROM audit_entry WHERE act LIKE 'sign%' ORDER BY id"
        ).fetchall()


def test_a_full_sign_in(page: Page, desk_with_sign_in: Server) -> None:
    """From the door to the provider and back, with one's name and the pages of one's role."""
    page.goto(desk_with_sign_in.url)
    door(page)
    sign_in(page, "agent")
    inside(page)
    expect(person(page)).to_contain_text("Agent One · Agent")
    expect_pages(page, ["Take payment", "Payments"], more=[])
    act, actor_id = audited(desk_with_sign_in)[-1]
    assert act == "sign_in"
    assert actor_id.startswith("person-")
    assert "agent" not in actor_id.lower()


def test_a_link_survives_sign_in(page: Page, desk_with_sign_in: Server) -> None:
    """Path and payment; the page leaves behind what else the address carried.

    Payments once had no page of their own: such a link leads to the one that they have now.
    """
    page.goto(
        f"{desk_with_sign_in.url}/payments?payment={UNKNOWN_PAYMENT}&next=https://example.com"
    )
    door(page)
    sign_in(page, "supervisor")
    inside(page, "Payment")
    expect(page.get_by_text("Payment not found.")).to_be_visible()
    assert page.url == f"{desk_with_sign_in.url}/payment?payment={UNKNOWN_PAYMENT}"


def test_a_filtered_list_survives_sign_in(page: Page, desk_with_sign_in: Server) -> None:
    """As one colleague sends it to another, who is not signed in."""
    shown = f"{desk_with_sign_in.url}/payments?status=refunded&currency=gbp"
    page.goto(shown)
    door(page)
    sign_in(page, "supervisor")
    inside(page, "Payments")
    expect(page.get_by_test_id("stMultiSelect")).to_contain_text("Refunded")
    assert page.url == shown


def test_signing_out_ends_every_tab(context: BrowserContext, desk_with_sign_in: Server) -> None:
    """The other tab shows the door by itself, and the old cookie lets nobody in again."""
    first = context.new_page()
    first.goto(desk_with_sign_in.url)
    sign_in(first, "agent")
    inside(first)
    second = context.new_page()
    second.goto(f"{desk_with_sign_in.url}/payments")
    inside(second, "Payments")
    receipt = f"{desk_with_sign_in.url}{pdf_link(UNKNOWN_PAYMENT)}"
    assert context.request.get(receipt).status == 404  # the route knows who asks
    cookies = context.cookies()
    sign_out(second)
    expect(first.get_by_text("You've signed out.")).to_be_visible()
    door(first)
    assert audited(desk_with_sign_in)[-1][0] == "sign_out"
    for page in (first, second):
        page.close()  # neither may still be on its way out, and take the cookie along
    context.clear_cookies()
    context.add_cookies(cookies)  # type: ignore[arg-type]  # what was read may be written
    assert context.request.get(receipt).status == 401
    thief = context.new_page()
    thief.goto(f"{desk_with_sign_in.url}/payments")
    expect(thief.get_by_text("You've signed out.")).to_be_visible()
    door(thief)


@pytest.mark.full
def test_another_persons_tab_stays(browser: Browser, desk_with_sign_in: Server) -> None:
    """A sign-out ends one session, not everybody's."""
    pages = []
    for name in ("agent", "supervisor"):
        page = browser.new_context().new_page()
        page.goto(desk_with_sign_in.url)
        sign_in(page, name)
        expect(person(page)).to_be_visible()
        pages.append(page)
    sign_out(pages[0])
    expect(pages[0].get_by_role("button", name="End session")).to_be_visible()
    pages[1].reload()
    inside(pages[1], "Payments")


@pytest.mark.full
def test_a_stranger_is_told_whom_to_ask(page: Page, desk_with_sign_in: Server) -> None:
    """Somebody of the organisation who has no role here sees nothing of the desk."""
    page.goto(f"{desk_with_sign_in.url}/payments")
    sign_in(page, "stranger")
    expect(page.get_by_text(f"To get access, ask {CONTACT}.")).to_be_visible()
    expect(page.get_by_test_id("stTopNav")).to_have_count(0)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_test_id("stHeading")).to_have_text([DEMO_COMPANY.name])
    assert audited(desk_with_sign_in)[-1][0] == "sign_in.denied"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="End session")).to_be_visible()


@pytest.mark.full
def test_a_denied_sign_in_is_the_door_again(page: Page, desk_with_sign_in: Server) -> None:
    """Whoever changes their mind at the provider is not let in."""
    page.goto(f"{desk_with_sign_in.url}/payments")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{desk_with_sign_in.url}/**")
    door(page)


@pytest.mark.full
def test_a_tampered_cookie_lets_nobody_in(
    context: BrowserContext, desk_with_sign_in: Server
) -> None:
    """The cookie's signature is checked before a word of it is believed."""
    page = context.new_page()
    page.goto(desk_with_sign_in.url)
    sign_in(page, "agent")
    inside(page)
    (cookie,) = [found for found in context.cookies() if found["name"] == "_streamlit_user"]
    value = cookie["value"]
    forged = value[:20] + ("A" if value[20] != "A" else "B") + value[21:]
    context.add_cookies(
        [{"name": "_streamlit_user", "value": forged, "url": desk_with_sign_in.url}]
    )
    page.reload()
    door(page)


@pytest.mark.full  # before a merge: tests/pages/frame/test_idle.py, tests/unit/domain/access
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param({"CARDPAY_SIGN_IN_IDLE_MINUTES": "0.1"}, "you were inactive", id="idle"),
        pytest.param(
            {"CARDPAY_SIGN_IN_MAX_MINUTES": "0.1"}, "you signed in too long ago", id="too old"
        ),
    ],
)
def test_a_session_ends_by_itself(
    page: Page,
    tmp_path_factory: pytest.TempPathFactory,
    settings: dict[str, str],
    sentence: str,
) -> None:
    """An open page turns into the door, with the reason; a reload does not bring it back."""
    folder = tmp_path_factory.mktemp("short")
    port = servers.free_port()
    with (
        identity_provider(folder) as provider,
        servers.app(folder, port, **provider.settings(port), **settings) as desk_with_sign_in,
    ):
        page.goto(f"{desk_with_sign_in.url}/payments")
        sign_in(page, "analyst")
        inside(page, "Payments")
        expect(page.get_by_text(sentence)).to_be_visible()
        door(page)
        page.reload()
        expect(page.get_by_text(sentence)).to_be_visible()
        door(page)
        assert [act for act, _ in audited(desk_with_sign_in)] == ["sign_in", "sign_out"]
