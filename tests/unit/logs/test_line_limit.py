"""No flood of warnings or errors fills the disk."""

import logging
import time

import pytest

from cardpay.logs.line_limit import LINES_A_MINUTE
from cardpay.logs.logger import get_logger
from tests.support.secrets.log_lines import read, written

ours = get_logger("cardpay.services.taking.create_payment")
library = logging.getLogger("somebody.elses")


def test_of_one_kind_so_many_are_written_and_the_rest_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever their words are; another kind is told meanwhile, and what we say at INFO always."""

    def tell(number: int) -> None:
        library.error("failed at %d", number)
        ours.warning("refused", number=number)
        ours.info("told", number=number)
        library.info("said %d", number)

    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    with written("json") as stream:
        for number in range(LINES_A_MINUTE + 50):
            tell(number)
        library.error("another place")
        ours.warning("another kind")
        now += 60
        tell(-1)
    lines = read(stream)
    events = [line["event"] for line in lines]
    assert sum(each.startswith("failed at") for each in events) == LINES_A_MINUTE + 1
    assert events.count("refused") == LINES_A_MINUTE + 1
    assert sum(each.startswith("said") for each in events) == LINES_A_MINUTE + 1
    assert events.count("told") == LINES_A_MINUTE + 51
    assert {"another place", "another kind"} < set(events)
    assert [line["untold"] for line in lines if "untold" in line] == [50, 50, 50]
    assert [line.get("untold") for line in lines[-4:]] == [50, 50, None, 50]
