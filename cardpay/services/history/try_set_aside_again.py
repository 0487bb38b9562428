"""Objects that were set aside are tried again by a version that has not seen them yet."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.version import VERSION
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused
from cardpay.gateway.pagination import Unreadable
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.apply_facts import Fact, apply_facts
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.services.webhooks.apply_event import (
    STRIPE,
    BelongsToNoPayment,
    StillChanging,
    retrieve_and_apply,
)
from cardpay.storage.history import stored_objects_set_aside

# No event carries one, so it is no `Subject`.
BALANCE_TRANSACTION: Final = "balance_transaction"
_KINDS: Final = {*Subject, BALANCE_TRANSACTION}


def try_set_aside_again(desk: Desk, ask: Callable[[Callable[[], Any]], Any]) -> None:
    """Retrieve what an earlier version could not read; `ask` makes a request in its turn.

    What can be read now is applied and is not set aside any more; what still changes stands in no
    other's way, and is tried again by the next reconciliation.
    """
    with desk.store.reading() as session:
        left = stored_objects_set_aside.of_other_versions(session, desk.account.key, VERSION)
    for kind, object_id in left:
        if kind not in _KINDS:
            continue  # events are listed again, and what is unknown can't be asked for
        try:
            ask(partial(_retrieve, desk, kind, object_id))
        except ObjectUnreadable as why:
            with desk.store.transaction() as session:
                set_aside(session, desk, [Unreadable(kind, object_id, why.reason)])
        except (RequestRefused, StillChanging):
            pass  # it is gone at Stripe, or was overtaken each time: it stays listed
        except BelongsToNoPayment:
            pass  # it was read, and is not the desk's


def _retrieve(desk: Desk, kind: str, object_id: str) -> None:
    if kind != BALANCE_TRANSACTION:
        retrieve_and_apply(desk, Subject(kind), object_id)
        return
    found = desk.gateway.retrieve_balance_transaction(object_id)
    with desk.store.transaction() as session:
        apply_facts(session, desk, STRIPE, [Fact(found)])
