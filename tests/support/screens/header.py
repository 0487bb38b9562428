"""The header of every page: the pages that it offers, and whoever is signed in."""

from playwright.sync_api import Locator, Page, expect


def person(page: Page) -> Locator:
    """Whose name is at the header's right end; there is none at the door."""
    return page.locator(".st-key-person")


def sign_out(page: Page) -> None:
    """By the menu at one's own name."""
    person(page).get_by_role("button").click()
    page.get_by_role("menuitem", name="Sign out").click()


def expect_pages(page: Page, titles: list[str], more: list[str]) -> None:
    """These pages are offered and no others: in the header, and in its menu More."""
    expect(page.get_by_test_id("stTopNavLink")).to_have_text(titles)
    menu = page.get_by_test_id("stTopNavSection")
    expect(menu).to_have_count(1 if more else 0)
    if more:
        menu.click()
        links = page.get_by_test_id("stTopNavDropdownLink")
        expect(links).to_have_text(more)
        page.keyboard.press("Escape")
