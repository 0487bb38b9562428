"""Waiting for what a script can tell of a page."""

from playwright.sync_api import Error, Page

from tests.support.processes.waiting import wait_for


def wait_on(page: Page, condition: str) -> None:
    """Until JavaScript's `condition` holds there.

    Playwright's own `wait_for_function` looks again by `eval`, which the content policy forbids.
    """

    def holds() -> bool:
        try:
            return bool(page.evaluate(condition))
        except Error:  # it has become another page just then
            return False

    wait_for(holds, f"never: {condition}")
