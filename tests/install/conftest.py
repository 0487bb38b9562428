"""Chromium for the browser that an installed desk is used with."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.processes.chromium import launch_arguments

# A machine that does other things too is slow, and slow is not wrong.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one."""
    return {**browser_type_launch_args, **launch_arguments()}
