"""Chromium for the hosted pages."""

from typing import Any

import pytest

from tests.support.processes.chromium import launch_arguments


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """As in the other browser tests."""
    return {**browser_type_launch_args, **launch_arguments()}
