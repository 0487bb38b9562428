"""How the tests share the machine."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class OneBrowser(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """All browser tests on one worker, since two browsers would race for two cores."""

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBrowser:
    """Spread the other tests one by one over the workers."""
    return OneBrowser(config, log)
