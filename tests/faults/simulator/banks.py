"""What banks do to the account's money: they contest, decide, suspect, and refuse what they get.

No request makes any of it happen. It reaches the desk by webhooks and comparisons alone.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random

from cardpay.sandbox.api.balance.payouts import FAILURES
from cardpay.sandbox.api.disputes.dispute_course import FIRST, NEXT
from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.fault_coverage import APPEAL, FAILED_PAYOUT, RETURNED_INQUIRY

_DELAYS_DAYS = (0, 0, 1, 7)  # until money is available, and is paid out the day after
_REFUSED = 0.4  # of the occasions to refuse a payout


def come(world: DeskWorld) -> None:
    """A few things in the course of the hour, in some runs; and some more in the days after."""
    chance = world.schedule.chance
    if chance.random() < 0.5:
        return
    world.has_busy_banks = True
    delay_days = chance.choice(_DELAYS_DAYS)
    world.connection.change(lambda outside: outside.schedule_payouts(delay_days=delay_days))
    banks = Banks(world)
    for _ in range(chance.randint(1, 5)):
        world.schedule.at(chance.random() * 3000, chance.choice(banks.acts))


def go_on(world: DeskWorld) -> None:
    """Another day at the banks, in runs to which they have come."""
    chance, banks = world.schedule.chance, Banks(world)
    if not world.has_busy_banks:
        return
    world.schedule.at(0, banks.refuse_payout)
    for _ in range(chance.randint(0, 2)):
        world.schedule.at(chance.random() * 30, chance.choice(banks.acts))


@dataclass
class Banks:
    """Each act is one change, and none where there is nothing to change."""

    world: DeskWorld

    @property
    def acts(self) -> tuple[Callable[[], None], ...]:
        """What they do."""
        return (
            *(self.contest, self.decide, self.decide, self.decide),
            *(self.refuse_payout, self.refuse_refund, self.suspect),
        )

    def contest(self) -> None:
        """A cardholder contests a charge, or only inquires about it."""
        if charge_id := self._one_of(self.world.record.charges):
            case_type = self._chance.choice(tuple(FIRST))
            self.world.connection.change(
                lambda outside: outside.open_dispute(charge_id, case_type=case_type)
            )

    def decide(self) -> None:
        """A dispute goes on: by an answer, a verdict, an appeal; an inquiry may come back."""
        disputes = self.world.connection.listed("/v1/disputes")
        going_on = [found for found in disputes if NEXT[found["status"]]]
        if not going_on:
            return
        found = self._chance.choice(going_on)
        status = self._chance.choice(NEXT[found["status"]])
        self.world.connection.change(lambda outside: outside.move_dispute(found["id"], status))
        if status.startswith("appeal"):
            self.world.met.note(APPEAL)
        if found["status"] == "warning_closed":
            self.world.met.note(RETURNED_INQUIRY)

    def refuse_payout(self) -> None:
        """A payout comes back, perhaps after it was paid."""
        payouts = self.world.connection.listed("/v1/payouts")
        standing = [one for one in payouts if one["status"] not in {"failed", "canceled"}]
        if not standing or self._chance.random() > _REFUSED:
            return
        found = self._chance.choice(standing)
        code = self._chance.choice(tuple(FAILURES))
        self.world.connection.change(lambda outside: outside.fail_payout(found["id"], code))
        if found["status"] == "paid":
            self.world.met.note(FAILED_PAYOUT)

    def refuse_refund(self) -> None:
        """Money that was to go back does not arrive."""
        if refund_id := self._one_of(self.world.record.refunds):
            self.world.connection.change(lambda outside: outside.fail_refund(refund_id))

    def suspect(self) -> None:
        """A card is reported as stolen."""
        if charge_id := self._one_of(self.world.record.charges):
            self.world.connection.change(lambda outside: outside.warn_of_fraud(charge_id))

    def _one_of(self, known: Collection[str]) -> str | None:
        return self._chance.choice(sorted(known)) if known else None

    @property
    def _chance(self) -> Random:
        return self.world.schedule.chance
