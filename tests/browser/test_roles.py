"""Every page by its address and every role, in Chromium: on a fresh process, later, signed out."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cardpay.domain.access.permissions import PERMISSIONS, Role
from cardpay.domain.company import DEMO_COMPANY
from components.frame.page_list import PAGES, SECTIONS, DeskPage
from tests.support.processes import servers
from tests.support.processes.identity_provider import IdentityProvider, sign_in
from tests.support.processes.servers import Server
from tests.support.screens.header import expect_pages, person, sign_out

# Without a browser, tests/pages/frame/test_roles.py opens each page for each role before a merge.
pytestmark = pytest.mark.full
EVERY_ROLE = [pytest.param(role, id=role.value) for role in Role]


@dataclass(frozen=True)
class DeskWithSignIn:
    """A desk that may be started again and again, and its provider."""

    provider: IdentityProvider
    folder: Path
    port: int

    def running(self) -> AbstractContextManager[Server]:
        """With the same settings at each start, so that a session outlives the process."""
        return servers.app(self.folder, self.port, **self.provider.settings(self.port))

    def address(self, desk_page: DeskPage) -> str:
        """Where a page is said to be."""
        return f"http://127.0.0.1:{self.port}/{desk_page.name}"


@pytest.fixture(scope="module")
def desk_with_sign_in(
    tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> DeskWithSignIn:
    """Not running yet."""
    return DeskWithSignIn(provider, tmp_path_factory.mktemp("roles"), servers.free_port())


@pytest.fixture(scope="module")
def cookies(desk_with_sign_in: DeskWithSignIn, browser: Browser) -> dict[Role, Any]:
    """What the browser of somebody in each role keeps after they have signed in."""
    kept: dict[Role, Any] = {}
    with desk_with_sign_in.running() as running:
        for role in Role:
            context = browser.new_context()
            page = context.new_page()
            page.goto(running.url)
            sign_in(page, role.value)
            expect(person(page)).to_be_visible()
            kept[role] = context.storage_state()
            context.close()
    return kept


def theirs(role: Role) -> list[DeskPage]:
    """The pages that the table gives a role."""
    return [desk_page for desk_page in PAGES if desk_page.permission in PERMISSIONS[role]]


def shows_only_what_is_theirs(page: Page, role: Role, desk_page: DeskPage) -> None:
    """The page itself, or the first of theirs in its place; and links to their pages alone."""
    wanted = desk_page if desk_page in theirs(role) else theirs(role)[0]
    expect(page.get_by_test_id("stHeading").first).to_have_text(wanted.title)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    first, more = (
        [one.title for one in one_section if one in theirs(role)]
        for one_section in SECTIONS.values()
    )
    # Where there is nothing to choose from, Streamlit draws no navigation.
    expect_pages(page, first if (first + more)[1:] else [], more)
    for other in set(PAGES) - set(theirs(role)):
        expect(page.get_by_role("heading", name=other.title, exact=True)).to_have_count(0)


_FIRST_VISITORS = [
    pytest.param(desk_page, role, id=f"{desk_page.name}-{role.value}")
    for desk_page in PAGES
    for role in Role
    if desk_page not in theirs(role)
]


@pytest.mark.parametrize(("desk_page", "role"), _FIRST_VISITORS)
def test_the_first_visitor_of_a_process(
    browser: Browser,
    desk_with_sign_in: DeskWithSignIn,
    cookies: dict[Role, Any],
    desk_page: DeskPage,
    role: Role,
) -> None:
    """By the address of a page that is not theirs, before anything else was drawn."""
    with (
        desk_with_sign_in.running(),
        browser.new_context(storage_state=cookies[role]) as context,
    ):
        page = context.new_page()
        page.goto(desk_with_sign_in.address(desk_page))
        shows_only_what_is_theirs(page, role, desk_page)


@pytest.fixture(scope="module")
def open_desk(desk_with_sign_in: DeskWithSignIn) -> Iterator[Server]:
    """The desk, for what needs no start of its own."""
    with desk_with_sign_in.running() as running:
        yield running


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_every_page_by_its_address(
    browser: Browser,
    desk_with_sign_in: DeskWithSignIn,
    cookies: dict[Role, Any],
    open_desk: Server,
    role: Role,
) -> None:
    """In a process that has not seen them sign in."""
    with browser.new_context(storage_state=cookies[role]) as context:
        page = context.new_page()
        for desk_page in PAGES:
            page.goto(desk_with_sign_in.address(desk_page))
            shows_only_what_is_theirs(page, role, desk_page)


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_signed_out_in_another_tab(
    browser: Browser, desk_with_sign_in: DeskWithSignIn, open_desk: Server, role: Role
) -> None:
    """Every open page of theirs becomes the door by itself, and every address leads to it."""
    with browser.new_context() as context:
        first = context.new_page()
        first.goto(open_desk.url)
        sign_in(first, role.value)
        tabs = []
        for desk_page in theirs(role):
            tab = context.new_page()
            tab.goto(desk_with_sign_in.address(desk_page))
            shows_only_what_is_theirs(tab, role, desk_page)
            tabs.append(tab)
        old = context.cookies()
        sign_out(first)
        for tab in tabs:
            expect(tab.get_by_text("You've signed out.")).to_be_visible()
            _is_the_door(tab)
        context.clear_cookies()
        context.add_cookies(old)  # type: ignore[arg-type]  # what was read may be written
        for desk_page in PAGES:
            tabs[0].goto(desk_with_sign_in.address(desk_page))
            expect(tabs[0].get_by_text("You've signed out.")).to_be_visible()
            _is_the_door(tabs[0])


def _is_the_door(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_test_id("stTopNav")).to_have_count(0)
    expect(page.get_by_test_id("stHeading")).to_have_text([DEMO_COMPANY.name])
