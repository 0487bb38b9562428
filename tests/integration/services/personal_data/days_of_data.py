"""Days that leave something of every kind behind, and what of it is there still."""

from datetime import timedelta

from sqlmodel import select

from cardpay.domain.personal_data.retention_rules import Retention
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.webhooks import event_worker
from cardpay.storage.schema.session_tables import Person, SignInSession
from cardpay.storage.schema.tables import (
    AuditEntry,
    CustomerDetail,
    Discrepancy,
    Reconciliation,
    StripeEvent,
)
from tests.integration.services.access.test_sessions import identity, sign_in
from tests.integration.services.personal_data.customer import paid
from tests.support.desks.worlds import SUPERVISOR, World

DAYS = timedelta(days=1)
RULES = Retention(
    customers=40 * DAYS, events=40 * DAYS, sign_ins=40 * DAYS, reconciliations=40 * DAYS
)


def look_back(world: World) -> None:
    """A comparison that finds what nobody has told, and brings its events."""
    reconcile(world.desk, SUPERVISOR, since=world.desk.now() - 2 * DAYS)
    event_worker.process_all_due(world.desk)


def a_day(world: World, number: int) -> None:
    """A payment, somebody who signs in, an event and a comparison with a difference."""
    paid(world, f"SO-{number}")
    sign_in(world, identity(world, nonce=str(number)))
    world.elsewhere()
    world.clock.advance(hours=1)
    look_back(world)


def entries(world: World) -> list[dict[str, object]]:
    """What the job's audit entries say."""
    with world.desk.store.reading() as session:
        found = session.exec(select(AuditEntry).where(AuditEntry.act == "retention"))
        return [row.after for row in found]


def remaining(world: World) -> dict[str, int]:
    """How much of each kind is there."""
    with world.desk.store.reading() as session:
        return {
            "details": len(
                session.exec(select(CustomerDetail).where(CustomerDetail.erased_at == None)).all()  # noqa: E711
            ),
            "contents": sum(bool(one.fields) for one in session.exec(select(StripeEvent))),
            "events": len(session.exec(select(StripeEvent)).all()),
            "sign-ins": len(session.exec(select(SignInSession)).all()),
            "names": len(session.exec(select(Person)).all()),
            "reports": len(session.exec(select(Reconciliation)).all()),
            "differences": len(session.exec(select(Discrepancy)).all()),
        }
