"""A field with a list of options, as a person chooses from it."""

import re
from contextlib import suppress

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as Late


def choose_option(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Open the list until it stays open: a page that is still being drawn closes it.

    `option` is the option's whole name, or matches it; of several, the first is chosen.
    """
    field = page.get_by_label(label, exact=True)
    wanted = page.get_by_role("option", name=option, exact=True).first
    for patience_ms in (2_000, 5_000, 20_000):
        expect(field).to_have_count(1)  # the last order's may still be on its way out
        field.click()
        with suppress(Late):
            wanted.click(timeout=patience_ms)
            return
        page.keyboard.press("Escape")
    wanted.click()  # and say why not
