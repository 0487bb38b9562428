"""The days of payouts: when money becomes available, and when it is paid out.

Days begin at midnight in UTC. Business days are Monday to Friday; bank holidays are ignored.
"""

from datetime import UTC, datetime

from cardpay.sandbox.state.account_state import State
from cardpay.sandbox.state.clock import DAY_SECONDS

_SATURDAY = 5


def available_on(state: State, days: int) -> int:
    """When money that takes so many days is available, in Unix seconds: at the start of a day."""
    return _start_of_day(state.seconds()) + days * DAY_SECONDS if days else state.seconds()


def next_business_day(at: int) -> int:
    """The start of the first business day after the day of `at`, in Unix seconds."""
    return _business_day(_start_of_day(at) + DAY_SECONDS)


def plan(state: State, available_on: int) -> None:
    """Plan a payout at the start of the first business day on which the money is available."""
    start = _start_of_day(available_on)
    day = _business_day(start if start == available_on else start + DAY_SECONDS)
    planned = state.store.run(
        f"SELECT 1 FROM {state.queue} WHERE at = ? AND task = 'pay_out'", (day,)
    )
    if not planned:
        state.schedule(day - state.seconds(), "pay_out", state.account_id)


def _business_day(day: int) -> int:
    while datetime.fromtimestamp(day, UTC).weekday() >= _SATURDAY:
        day += DAY_SECONDS
    return day


def _start_of_day(at: int) -> int:
    return at - at % DAY_SECONDS
