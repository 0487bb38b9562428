"""Chromium for the browser that an installed desk is used with."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.processes.chromium import launch_arguments
from tests.support.processes.waiting import PATIENCE_SECONDS

expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one."""
    return {**browser_type_launch_args, **launch_arguments()}
