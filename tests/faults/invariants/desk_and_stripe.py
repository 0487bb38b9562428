"""What the desk holds and what Stripe holds, read once when a run is over."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from sqlmodel import SQLModel, select

from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Discrepancy,
    Dispute,
    Operation,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Payout,
    Reconciliation,
    Refund,
    StripeEvent,
)
from tests.faults.simulator.desk_world import DeskWorld

Json = dict[str, Any]
_Row = TypeVar("_Row", bound=SQLModel)


@dataclass(frozen=True)
class DeskAndStripe:
    """Rows of ours; objects of Stripe's by their id, as its API lists them."""

    world: DeskWorld

    @cached_property
    def payments(self) -> list[Payment]:
        """Every payment."""
        return self._rows(Payment)

    @cached_property
    def ours(self) -> dict[str, str]:
        """The payment of each PaymentIntent."""
        return {row.stripe_payment_intent_id or "": row.id for row in self.payments}

    @cached_property
    def attempts(self) -> list[PaymentAttempt]:
        """Every attempt."""
        return self._rows(PaymentAttempt)

    @cached_property
    def links(self) -> list[PaymentLink]:
        """Every link."""
        return self._rows(PaymentLink)

    @cached_property
    def operations(self) -> list[Operation]:
        """Every write to Stripe."""
        return self._rows(Operation)

    @cached_property
    def refunds(self) -> list[Refund]:
        """Every refund."""
        return self._rows(Refund)

    @cached_property
    def disputes(self) -> list[Dispute]:
        """Every dispute."""
        return self._rows(Dispute)

    @cached_property
    def balance(self) -> list[BalanceTransaction]:
        """Every balance transaction."""
        return self._rows(BalanceTransaction)

    @cached_property
    def payouts(self) -> list[Payout]:
        """Every payout."""
        return self._rows(Payout)

    @cached_property
    def events(self) -> list[StripeEvent]:
        """Every event."""
        return self._rows(StripeEvent)

    @cached_property
    def reconciliations(self) -> list[Reconciliation]:
        """Every comparison."""
        return self._rows(Reconciliation)

    @cached_property
    def discrepancies(self) -> list[Discrepancy]:
        """Everything that a comparison found."""
        return self._rows(Discrepancy)

    @cached_property
    def their_intents(self) -> dict[str, Json]:
        """PaymentIntents."""
        return self._listed("/v1/payment_intents")

    @cached_property
    def their_charges(self) -> dict[str, Json]:
        """Charges."""
        return self._listed("/v1/charges")

    @cached_property
    def their_sessions(self) -> dict[str, Json]:
        """Checkout Sessions."""
        return self._listed("/v1/checkout/sessions")

    @cached_property
    def their_refunds(self) -> dict[str, Json]:
        """Refunds."""
        return self._listed("/v1/refunds")

    @cached_property
    def their_disputes(self) -> dict[str, Json]:
        """Disputes."""
        return self._listed("/v1/disputes")

    @cached_property
    def their_balance(self) -> dict[str, Json]:
        """BalanceTransactions."""
        return self._listed("/v1/balance_transactions")

    @cached_property
    def their_payouts(self) -> dict[str, Json]:
        """Payouts."""
        return self._listed("/v1/payouts")

    @cached_property
    def their_events(self) -> dict[str, Json]:
        """Events."""
        return self._listed("/v1/events")

    @cached_property
    def given_back(self) -> Counter[str]:
        """The sum of the refunds of each PaymentIntent that have not failed."""
        found: Counter[str] = Counter()
        for refund in self.their_refunds.values():
            if refund["status"] not in {"failed", "canceled"}:
                found[refund["payment_intent"]] += refund["amount"]
        return found

    def _rows(self, table: type[_Row]) -> list[_Row]:
        with self.world.store.reading() as session:
            return list(session.exec(select(table)))

    def _listed(self, path: str) -> dict[str, Json]:
        return {found["id"]: found for found in self.world.connection.listed(path)}
