"""Objects that were set aside are tried again by a version that has not seen them yet."""

from collections.abc import Callable
from typing import Any

from cardpay.domain.stripe_facts.events import Subject
from cardpay.domain.version import VERSION
from cardpay.gateway.errors import ObjectUnreadable, RequestRefused
from cardpay.gateway.pagination import Unreadable
from cardpay.services.desk import Desk
from cardpay.services.stripe_facts.set_aside import set_aside
from cardpay.services.webhooks.apply_event import retrieve_and_apply
from cardpay.storage.history import stored_objects_set_aside


def try_set_aside_again(desk: Desk, ask: Callable[[Callable[[], Any]], Any]) -> None:
    """Retrieve what an earlier version could not read; `ask` makes a request in its turn.

    What can be read now is applied and is not set aside any more.
    """
    with desk.store.reading() as session:
        left = stored_objects_set_aside.of_other_versions(session, desk.account.key, VERSION)
    for kind, object_id in left:
        if kind not in frozenset(Subject):
            continue
        try:
            ask(lambda: retrieve_and_apply(desk, Subject(kind), object_id))  # noqa: B023
        except ObjectUnreadable as why:
            with desk.store.transaction() as session:
                set_aside(session, desk, [Unreadable(kind, object_id, why.reason)])
        except RequestRefused:
            pass  # it is gone at Stripe: it stays listed
        else:
            with desk.store.transaction() as session:
                stored_objects_set_aside.forget(session, desk.account.key, object_id)
