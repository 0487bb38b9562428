"""How the tests share the machine, and what of it they leave out."""

import gc
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from cardpay.settings import Settings
from tests.support.databases import compiled_statements

# What was imported stays to the end: to go through it again and again takes a tenth of the time.
gc.set_threshold(100_000, 20, 100)
compiled_statements.share()


# Two browsers would race for two cores; an environment is installed once, and one app started.
ON_ONE_WORKER = ("tests/browser/", "tests/install/", "tests/integration/web/")


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """AppTest leaves its script as the main module, and forked processes would begin with it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


class TogetherWhatShares(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """All tests that share what is long in the making are on one worker: it is made once.

    Of a file those of one database: a worker that changed between the two would make each anew.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        on_one = next((folder for folder in ON_ONE_WORKER if nodeid.startswith(folder)), None)
        return on_one or f"{file} {'postgresql' if 'postgresql' in test else ''}"


@pytest.hookimpl(tryfirst=True)  # before pytest itself leaves out what is marked
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a table that is sampled, most is for a release."""
    seen: Counter[tuple[str, object]] = Counter()
    for item in items:
        sampled = item.get_closest_marker("sampled")
        if sampled is None:
            continue
        callspec = getattr(item, "callspec", None)
        database = callspec.params.get("databases") if callspec is not None else None
        table = item.nodeid.partition("[")[0], database
        if seen[table] % sampled.args[0]:
            item.add_marker(pytest.mark.full)
        seen[table] += 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherWhatShares:
    """Spread the files over the workers."""
    return TogetherWhatShares(config, log)


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's own settings, and no `.env` file."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
