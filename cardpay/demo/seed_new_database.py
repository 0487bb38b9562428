"""The demo's books: the last days at once, the months before them in the background.

All is done at the simulated Stripe on a clock that runs through those days, and what it answers is
what is stored, so that both agree. The last days are one transaction; the `desk` row is written
last, by the caller: a seeding that is cut off starts over.
"""

from cardpay.demo.past.books import keep_books
from cardpay.demo.past.desk_rows import add_staff
from cardpay.demo.past.older_past import play
from cardpay.demo.past.planned_acts import SimulatedPast, acts_until
from cardpay.demo.past.span import Span
from cardpay.demo.plan.company_products import PRODUCTS
from cardpay.sandbox import Sandbox
from cardpay.services import catalogue, database_account
from cardpay.services.desk import Desk
from cardpay.storage.database import migrate
from cardpay.storage.database.engine import Store


def is_new(store: Store) -> bool:
    """Whether the database belongs to no account yet: only then is it filled."""
    return database_account.recorded(store) is None


def seed(desk: Desk, sandbox: Sandbox, months: int) -> None:
    """Empty the desk and the sandbox, and fill both with the last days of so many months."""
    migrate.remove_tables(desk.store.engine)
    migrate.upgrade(desk.store.engine)
    sandbox.reset()
    span = Span.until(desk.now(), months)
    at_stripe = SimulatedPast(sandbox, sandbox.past())
    acts = acts_until(span.shown_orders(), span.now)
    with at_stripe.past.batch():
        play(at_stripe, acts)
        span.note(at_stripe.past)
        at_stripe.past.move_to(span.now)
    with desk.store.transaction() as session:
        catalogue.add_examples(session, span.began, PRODUCTS)
        add_staff(session, span.now)
        keep_books(session, desk, at_stripe, acts, (span.shown_from, span.now))
    at_stripe.past.end()
