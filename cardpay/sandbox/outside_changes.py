"""What banks, cardholders and Stripe do when a test says so, because no API request can."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Literal

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.api import invoice_payments
from cardpay.sandbox.api.balance import payout_days, payouts
from cardpay.sandbox.api.balance.balance_transactions import TYPES, Posting, post
from cardpay.sandbox.api.disputes import dispute_course, early_fraud_warnings
from cardpay.sandbox.api.payments import processing, refunds
from cardpay.sandbox.http.api_errors import ApiError
from cardpay.sandbox.state.account_state import PayoutSchedule, State, public
from cardpay.sandbox.state.sqlite_store import Json


class OutsideChanges:
    """Changes of one sandbox from outside. Each raises ValueError if it makes no sense."""

    def __init__(self, state: State) -> None:
        self._state = state

    def schedule_payouts(
        self,
        *,
        interval: Literal["daily", "manual"] | None = None,
        delay_days: int | None = None,
    ) -> Json:
        """Set when later money becomes available and is paid out; without arguments, only tell."""
        schedule = self._state.payouts
        if interval not in {None, "daily", "manual"}:
            raise ValueError(f"no such interval: {interval}")
        with self._changing():
            schedule.interval = interval or schedule.interval
            schedule.delay_days = schedule.delay_days if delay_days is None else delay_days
            payout_days.plan(self._state, self._state.seconds())
        return asdict(schedule)

    def reset(self) -> None:
        """Return to the schedule of a new account."""
        self._state.payouts = PayoutSchedule()

    def change_balance(
        self,
        type: str,  # noqa: A002 - the name in Stripe's API
        amount: int,
        *,
        source: str | None = None,
        available_in_days: int = 0,
        **details: Any,
    ) -> Json:
        """Store a BalanceTransaction of any type, in the settlement currency.

        `details` are fields of `Posting`: `description`, `fee`, `category`, `balance_type`.
        """
        if type not in TYPES:
            raise ValueError(f"no such type of balance transaction: {type}")
        with self._changing():
            posting = Posting(
                type,
                available_on=payout_days.available_on(self._state, available_in_days),
                **{"description": None, **details},
            )
            return public(post(self._state, amount, posting, source_id=source))

    def begin_processing(
        self, payment_intent: str, payment_method: str, seconds: int = 60
    ) -> Json:
        """The bank takes so long to answer whether it charges the card."""
        with self._changing():
            return public(processing.begin(self._state, payment_intent, payment_method, seconds))

    def fail_payout(self, payout: str, failure_code: str = "account_closed") -> Json:
        """The bank refuses a payout, whether it is `paid` or not."""
        with self._changing():
            return public(payouts.fail(self._state, payout, failure_code))

    def fail_refund(self, refund: str, failure_reason: str = "unknown") -> Json:
        """The card's bank refuses a refund, whether it has succeeded or not."""
        if failure_reason not in refunds.FAILURE_REASONS:
            raise ValueError(f"no such failure reason: {failure_reason}")
        with self._changing():
            refunds.fail(self._state, refund, failure_reason)
            return public(self._state.get("refund", refund, "refund"))

    def open_dispute(
        self, charge: str, reason: str = "fraudulent", case_type: str = "chargeback"
    ) -> Json:
        """The cardholder contests a Charge, by one of `dispute_course.FIRST`."""
        with self._changing():
            contested = self._state.get("charge", charge, "charge")
            made = dispute_course.open_case(
                self._state, contested, reason=reason, case_type=case_type
            )
            if made is None:
                raise ValueError(f"there is nothing left to contest of {charge}")
            return public(made)

    def move_dispute(self, dispute: str, status: str) -> Json:
        """The bank or the card network decides, by `dispute_course.NEXT`."""
        with self._changing():
            found = self._state.get("dispute", dispute, "dispute")
            return public(dispute_course.move(self._state, found, status))

    def warn_of_fraud(self, charge: str, fraud_type: str = "made_with_stolen_card") -> Json:
        """The card's bank suspects fraud."""
        if fraud_type not in early_fraud_warnings.FRAUD_TYPES:
            raise ValueError(f"no such type of fraud: {fraud_type}")
        with self._changing():
            return public(early_fraud_warnings.warn(self._state, charge, fraud_type))

    def bill(self, payment_intent: str) -> Json:
        """An invoice is made final, and this is the PaymentIntent that pays it."""
        with self._changing():
            return public(invoice_payments.bill(self._state, payment_intent))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One transaction, after what is due. Raises ValueError for what Stripe would refuse."""
        try:
            with self._state.store.transaction():
                scheduled_changes.run_due(self._state)
                yield
        except ApiError as error:
            raise ValueError(str(error)) from error
