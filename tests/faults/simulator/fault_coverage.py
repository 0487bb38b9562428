"""What a run has met of all that can go wrong, so that a test can tell what was never met.

Chance alone would hardly ever strike a run's one capture at one certain place. So each seed aims
at a few things, each of which happens for sure as soon as there is an occasion.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cardpay.sandbox.fault_injection import REQUEST_KINDS, WEBHOOK_KINDS
from tests.faults.simulator.scheduler import Killed
from tests.faults.simulator.unknown_forms import FORMS, Form

# Each write of the desk's, and how its path ends.
WRITES = {
    "create": "/v1/payment_intents",
    "confirm": "/confirm",
    "capture": "/capture",
    "cancel": "/cancel",
    "refund": "/v1/refunds",
    "create_link": "/v1/checkout/sessions",
    "expire_link": "/expire",
}
READ = "read"

# Where a process dies: around a request, and around both commits of a write.
BEFORE_SENDING, BEFORE_READING = "before its request is sent", "before its answer is read"
BEFORE_COMMIT, AFTER_COMMIT = "before its commit", "after its commit"
OPERATION, OUTCOME = "operation", "outcome"

KEY_IN_USE = "a key in use while Stripe is slow"
RETRIED_EVENT = "a failed event that a person tries again"
SCHEDULED = "a comparison by the schedule"
FAILED_PAYOUT = "a payout that failed after it was paid"
APPEAL = "an appeal of a dispute"
RETURNED_INQUIRY = "an inquiry that comes back after its end"
SET_ASIDE = "an object that is set aside, since it cannot be read"
OTHER_METHOD = "a payment by something else than a card"
COPY = "a payment made elsewhere with copied metadata"
COPY_OF_LINK = "a payment made elsewhere that cannot be told from a link's"
PAID_BY_LINK = "a link that is paid"


def in_unknown_form(kind: str, form: Form) -> str:
    """An object of a form that this version of the desk does not know."""
    return f"{kind} of an unknown form: {form}"


def _faults(kind: str) -> list[str]:
    return [f"{kind}: {fault}" for fault in sorted(REQUEST_KINDS)]


def _deaths(kind: str) -> list[str]:
    places = {
        kind: (BEFORE_SENDING, BEFORE_READING),
        f"{kind} {OPERATION}": (BEFORE_COMMIT, AFTER_COMMIT),
        f"{kind} {OUTCOME}": (BEFORE_COMMIT, AFTER_COMMIT),
    }
    return [f"{whose}: death {place}" for whose, found in places.items() for place in found]


_AIMS_OF_A_SEED = 5

# Captures have the fewest occasions, so more seeds look for one.
_AIMS = [aim for kind in (*WRITES, "capture") for aim in (*_faults(kind), *_deaths(kind))]
EVERYTHING = {
    *_AIMS,
    *_faults(READ),
    *WEBHOOK_KINDS,
    *(KEY_IN_USE, RETRIED_EVENT, SCHEDULED),
    *(FAILED_PAYOUT, APPEAL, RETURNED_INQUIRY, SET_ASIDE, OTHER_METHOD, COPY),
    *(COPY_OF_LINK, PAID_BY_LINK),
    *(in_unknown_form(kind, form) for kind, forms in FORMS.items() for form in forms),
}


def aims_of(seed: int) -> set[str]:
    """What this seed is to meet, so that some dozens of seeds meet all."""
    apart = len(_AIMS) // _AIMS_OF_A_SEED
    return {_AIMS[(seed + number * apart) % len(_AIMS)] for number in range(_AIMS_OF_A_SEED)}


def kind_of(method: str, target: str) -> str:
    """Which of the writes a request is, or that it reads."""
    path = target.partition("?")[0]
    if method != "POST":
        return READ
    return next(kind for kind, ending in WRITES.items() if path.endswith(ending))


@dataclass
class FaultCoverage:
    """How often each thing was met. `aims` are what still has to be, if there is an occasion."""

    aims: set[str]
    counted: Counter[str] = field(default_factory=Counter)

    def note(self, what: str) -> None:
        """It was met."""
        self.counted[what] += 1
        self.aims.discard(what)

    def aims_at(self, *kinds: str) -> bool:
        """Whether something is to happen to a write of one of these kinds: let there be some."""
        return any(aim.startswith(kinds) for aim in self.aims)

    @contextmanager
    def death(self, place: str, whose: Collection[str]) -> Iterator[bool]:
        """Whoever dies in here dies at this place; whether that has to be."""
        names = [f"{one}: death {place}" for one in whose]
        try:
            yield not self.aims.isdisjoint(names)
        except Killed:
            for name in names:
                self.note(name)
            raise
