"""Every use case with every role: allowed exactly where the table of permissions says so."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from cardpay import exports, reporting, services
from cardpay.domain.access.actor import Actor
from cardpay.domain.access.column_rules import ListName
from cardpay.domain.access.permissions import PERMISSIONS, Permission, Role
from cardpay.domain.access.sign_in import EndReason, SignedOut
from cardpay.domain.access.view_rules import TypedView
from cardpay.domain.business_days import ALL_DAYS, Days
from cardpay.domain.company import Company
from cardpay.domain.errors import CardpayError, NotAllowed
from cardpay.domain.money import Money
from cardpay.domain.payment.operation import OperationKind
from cardpay.domain.product_rules import CatalogueItem, Product, TypedProduct
from cardpay.exports.export_builder import ExportBuilder
from cardpay.exports.receipts.hand_out_receipt import ReceiptKind
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.balance.balance_of_days import Balance
from cardpay.reporting.balance.ledger_filter import LedgerFilter
from cardpay.reporting.balance.payout_filter import PayoutFilter
from cardpay.reporting.insights.chart_data import ChartName
from cardpay.reporting.insights.insights import InsightsFilter
from cardpay.reporting.insights.report import ReportKey
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.access import denied_acts
from cardpay.services.stripe_writes import operation_lifecycle
from cardpay.storage.schema.tables import AuditEntry, Operation, Payment
from tests.support.databases.databases import Databases
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, World, draft

pytestmark = pytest.mark.one_database

_P = Permission
# What goes before happens when a call is prepared, so that no error of it is taken for an answer.
Act = Callable[[], object]
Call = Callable[[Callable[..., object], World, Actor], Act]
UTC_ZONE = ZoneInfo("UTC")


def _with(*arguments: object) -> Call:
    return lambda run, world, actor: partial(run, world.desk, actor, *arguments)


def _store(*arguments: object) -> Call:
    return lambda run, world, actor: partial(run, world.desk.store, actor, *arguments)


def _fetched(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk, actor, since=world.desk.now() - timedelta(days=1))


def _as_of_now(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk.store, actor, world.desk.now())


def _not_paid_out(run: Callable[..., object], world: World, actor: Actor) -> Act:
    nothing = Balance("gbp", Money(0, "gbp"), (), Money(0, "gbp"))
    now = world.desk.now()
    return partial(run, world.desk.store, actor, nothing, ALL_DAYS, UTC_ZONE, now)


def _store_zone_now(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk.store, actor, UTC_ZONE, world.desk.now())


def _handed_out(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, ExportBuilder(world.desk, Path(), UTC_ZONE, timedelta(1)), actor, "none")


def _totals(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk.store, actor, PaymentFilter(), UTC_ZONE, world.desk.now())


def _page(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk.store, actor, "none", world.desk.now())


def _of_order(run: Callable[..., object], world: World, actor: Actor) -> Act:
    account, now = world.desk.account, world.desk.now()
    return partial(run, world.desk.store, account, actor, "SO-1", draft_id="none", now=now)


def _same_amount(run: Callable[..., object], world: World, actor: Actor) -> Act:
    total, now = Money(12_000, "gbp"), world.desk.now()
    return partial(run, world.desk.store, actor, "Customer", total, draft_id="none", now=now)


def _today(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk.store, actor, "UTC", world.desk.now())


def _waiting(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(run, world.desk, actor, _refund_without_answer(world))


def _insights(run: Callable[..., object], world: World, actor: Actor) -> Act:
    return partial(
        run, world.desk.store, actor, InsightsFilter(Days()), UTC_ZONE, world.desk.now()
    )


def _insights_file(run: Callable[..., object], world: World, actor: Actor) -> Act:
    chosen, now = InsightsFilter(Days()), world.desk.now()
    return partial(run, world.desk.store, actor, ChartName.VOLUME, chosen, UTC_ZONE, now)


def _ended(*of: str) -> Call:
    return lambda run, world, actor: partial(run, world.desk.store, actor, *of, world.desk.now())


def _open(run: Callable[..., object], world: World, actor: Actor) -> Act:
    now = world.desk.now()
    return partial(run, world.desk.store, actor, now, now)


def _chart_file(run: Callable[..., object], world: World, actor: Actor) -> Act:
    chosen = InsightsFilter(Days())
    return partial(run, world.desk, actor, UTC_ZONE, ChartName.VOLUME, chosen)


TODAY = Days(date(2024, 2, 29), date(2024, 2, 29))
TYPED = TypedProduct("Site visit", "245.00", "gbp")
ON_SALE = CatalogueItem(Product("none", "Consultation", 12_000, "gbp"), on_sale=True)
_CATALOGUE = frozenset({_P.MANAGE_CATALOGUE})
_ALL_PAYMENTS = frozenset({_P.SEE_ALL_PAYMENTS})
_SESSIONS = frozenset({_P.MANAGE_SESSIONS})
_BOOKS = frozenset({_P.SEE_BOOKS})
_BOOKS_FILE = frozenset({_P.SEE_BOOKS, _P.EXPORT_PAYMENTS})

# Each use case with what it takes and a way to call it. Nothing is allowed by one of several.
USE_CASES: dict[str, tuple[frozenset[Permission], Call]] = {
    "access.end_sessions.end_session": (_SESSIONS, _ended("none")),
    "access.end_sessions.end_persons_sessions": (_SESSIONS, _ended("none")),
    "access.end_sessions.end_every_session": (_SESSIONS, _ended()),
    "open_sessions.open_sessions": (_SESSIONS, _open),
    "access.sessions.see_settings": (frozenset({_P.VIEW_SETTINGS}), _with()),
    "audit.record_reading.note_export": (frozenset({_P.VIEW_AUDIT}), _with({}, 0)),
    "audit.record_reading.note_list_export": (
        frozenset({_P.EXPORT_PAYMENTS}),
        _store(datetime(2024, 3, 1, tzinfo=UTC), "payments", {}),
    ),
    "audit.record_reading.note_export_taken": (
        frozenset({_P.EXPORT_PAYMENTS}),
        _with("none", "payments"),
    ),
    "audit.record_reading.note_seen": (frozenset({_P.VIEW_AUDIT}), _with({})),
    "history.begin_import.import_history": (frozenset({_P.USE_OPERATIONS}), _with()),
    "catalogue.add_product": (_CATALOGUE, _with("new", TYPED)),
    "catalogue.catalogue": (_CATALOGUE, _with()),
    "catalogue.change_product": (_CATALOGUE, _with(ON_SALE, TYPED)),
    "catalogue.restore_product": (_CATALOGUE, _with(ON_SALE)),
    "catalogue.withdraw_product": (_CATALOGUE, _with(ON_SALE)),
    "column_choices.choose_columns": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with(ListName.PAYMENTS, ["fee"]),
    ),
    "column_choices.chosen_columns": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with(ListName.PAYMENTS),
    ),
    "column_choices.reset_columns": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with(ListName.PAYMENTS),
    ),
    "saved_views.delete_view": (frozenset({_P.BROWSE_PAYMENTS}), _with("none")),
    "saved_views.open_first": (frozenset({_P.BROWSE_PAYMENTS}), _with(None)),
    "saved_views.save_view": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with(TypedView("Today", {"period": ("Today",)})),
    ),
    "saved_views.saved_views": (frozenset({_P.BROWSE_PAYMENTS}), _with()),
    "after_payment.captures.capture_payment": (
        frozenset({_P.CAPTURE_PAYMENT}),
        _with("none", None, "s"),
    ),
    "after_payment.receipt_emails.email_receipt": (
        frozenset({_P.EMAIL_RECEIPT}),
        _with("none", "one@example.com", "s"),
    ),
    "after_payment.notes.add_note": (
        frozenset({_P.ADD_NOTE}),
        _with("none", "Ring back", str(uuid4())),
    ),
    "audit.record_reading.note_receipt": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with("none", "pdf", "R-1"),
    ),
    "payments.receipts.receipt": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _store(Company(), "none"),
    ),
    "receipts.hand_out_receipt.hand_out_receipt": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _with(Company(), UTC_ZONE, ReceiptKind.PDF, "none"),
    ),
    "taking.cancel_payment.cancel_payment": (frozenset({_P.CANCEL_PAYMENT}), _with("none")),
    "taking.confirm_payment.confirm_payment": (
        frozenset({_P.TAKE_PAYMENT}),
        _with("none", "pm_1", str(uuid4())),
    ),
    "taking.create_payment.create_payment": (frozenset({_P.TAKE_PAYMENT}), _with(draft())),
    "taking.payment_links.create_link.send_payment_link": (
        frozenset({_P.SEND_LINK}),
        _with(draft(order_reference="SO-2")),
    ),
    "taking.payment_links.replace_by_link.replace_by_link": (
        frozenset({_P.SEND_LINK}),
        _with("none", str(uuid4())),
    ),
    "taking.payment_links.expire_link.cancel_link": (
        frozenset({_P.CANCEL_PAYMENT}),
        _with("none"),
    ),
    "taking.payment_links.link_address.link_address": (
        frozenset({_P.SEND_LINK}),
        _with("none"),
    ),
    "taking.refresh_payment.refresh_payment": (frozenset({_P.TAKE_PAYMENT}), _with("none")),
    "history.begin_reconciliation.reconcile": (frozenset({_P.USE_OPERATIONS}), _fetched),
    "after_payment.refunds.refund_payment": (
        frozenset({_P.REFUND_PAYMENT}),
        _with("none", 1, "duplicate", "s"),
    ),
    "recovery.review.dismiss_operation": (
        frozenset({_P.USE_OPERATIONS, _P.REFUND_PAYMENT}),
        _waiting,
    ),
    "recovery.review.retry_operation": (
        frozenset({_P.USE_OPERATIONS, _P.REFUND_PAYMENT}),
        _waiting,
    ),
    "webhooks.event_worker.retry": (frozenset({_P.USE_OPERATIONS}), _with(0)),
    "taking.enforce_limits.reached_limit": (frozenset({_P.TAKE_PAYMENT}), _with()),
    "insights.insights.insights": (frozenset({_P.SEE_BOOKS}), _insights),
    "insights.reporting_currency.reporting_currency": (
        frozenset({_P.SEE_BOOKS}),
        _store(""),
    ),
    "insights.report.report": (
        frozenset({_P.SEE_BOOKS}),
        _store(TODAY, [ReportKey.DAY], UTC_ZONE),
    ),
    "insights_csv.insights_csv": (frozenset({_P.SEE_BOOKS}), _insights_file),
    "audit_csv.audit_csv": (frozenset({_P.VIEW_AUDIT}), _store(UTC_ZONE, AuditFilter())),
    "audit.audit_list.all_entries": (
        frozenset({_P.VIEW_AUDIT}),
        _store(UTC_ZONE, AuditFilter()),
    ),
    "audit.audit_list.audit_page": (frozenset({_P.VIEW_AUDIT}), _store(UTC_ZONE, AuditFilter())),
    "attempts.attempts_list.attempts_page": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "attempts.attempts_list.attempt_sums": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "customers.customers_list.customers_page": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "customers.customers_list.customer_of": (_ALL_PAYMENTS, _store("none")),
    "customers.customers_list.customer_payments": (_ALL_PAYMENTS, _store("none")),
    "disputes.disputes_list.disputes_page": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "disputes.disputes_list.dispute_sums": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "refunds.refunds_list.refunds_page": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "refunds.refunds_list.refund_sums": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "refunds.refunds_list.refunds_by_person": (_ALL_PAYMENTS, _store(UTC_ZONE)),
    "staff_names.staff": (_ALL_PAYMENTS, _store()),
    "audit.audit_list.choices": (frozenset({_P.VIEW_AUDIT}), _store()),
    "operations.history_reports.history_report": (frozenset({_P.USE_OPERATIONS}), _store()),
    "operations.open_operations.open_operations": (frozenset({_P.USE_OPERATIONS}), _store()),
    "hand_out_export.hand_out_export": (frozenset({_P.EXPORT_PAYMENTS}), _handed_out),
    "balance.bank_lines.payouts_of_bank_line": (
        _BOOKS,
        _store(Money(12_000, "gbp"), date(2026, 1, 5)),
    ),
    "balance.balance_of_days.balance_of_days": (_BOOKS, _store(ALL_DAYS, UTC_ZONE)),
    "balance.balance_of_days.days_of_ledger": (_BOOKS, _store_zone_now),
    "audit.record_reading.note_chart_taken": (frozenset({_P.SEE_BOOKS}), _with("volume", {})),
    "insights_csv.hand_out_chart": (frozenset({_P.SEE_BOOKS}), _chart_file),
    "audit_csv.hand_out_audit_log": (
        frozenset({_P.VIEW_AUDIT}),
        _with(UTC_ZONE, AuditFilter()),
    ),
    "balance.ledger_rows.ledger_rows": (_BOOKS, _store(UTC_ZONE, LedgerFilter())),
    "balance.month_changes.month_changes": (_BOOKS, _store(UTC_ZONE, ALL_DAYS, None)),
    "balance.payout_list.all_payouts": (_BOOKS, _store(UTC_ZONE, PayoutFilter())),
    "month_end.hand_out_month_end.hand_out_month_end": (
        _BOOKS_FILE,
        _with(UTC_ZONE, ALL_DAYS, Path("none.xlsx")),
    ),
    "balance.ledger_list.ledger_page": (_BOOKS, _store(UTC_ZONE, LedgerFilter())),
    "balance.ledger_list.ledger_sums": (_BOOKS, _store(UTC_ZONE, LedgerFilter())),
    "balance.not_paid_out.not_paid_out": (_BOOKS, _not_paid_out),
    "balance.payout_list.payout_named": (_BOOKS, _store("po_none")),
    "balance.payout_list.payouts_page": (_BOOKS, _store(UTC_ZONE, PayoutFilter())),
    "needs_review.count_to_review": (frozenset({_P.USE_OPERATIONS}), _as_of_now),
    "needs_review.payments_to_review": (frozenset({_P.USE_OPERATIONS}), _as_of_now),
    "payment_page.payment_page.payment_page": (frozenset({_P.BROWSE_PAYMENTS}), _page),
    "payments.possible_duplicates.payment_of_order": (frozenset({_P.TAKE_PAYMENT}), _of_order),
    "payments.possible_duplicates.same_amount_from_customer": (
        frozenset({_P.TAKE_PAYMENT}),
        _same_amount,
    ),
    "payments.my_day.taken_today": (frozenset({_P.TAKE_PAYMENT}), _today),
    "payment_page.payment_details.payment_details": (
        frozenset({_P.BROWSE_PAYMENTS}),
        _store("none"),
    ),
    "payments.filter_choices.filter_choices": (frozenset({_P.BROWSE_PAYMENTS}), _as_of_now),
    "payments.payment_totals.payment_totals": (frozenset({_P.BROWSE_PAYMENTS}), _totals),
    "payments.payments_list.payments_page": (frozenset({_P.BROWSE_PAYMENTS}), _store()),
    "operations.reached_limits.reached_limits": (frozenset({_P.USE_OPERATIONS}), _as_of_now),
    "operations.payout_reports.last_payouts": (frozenset({_P.USE_OPERATIONS}), _store()),
    "operations.objects_set_aside.objects_set_aside": (
        frozenset({_P.USE_OPERATIONS}),
        _store(),
    ),
    "operations.webhook_health.webhook_health": (frozenset({_P.USE_OPERATIONS}), _as_of_now),
}
# What anybody may do, or asks another question than that for a permission.
FOR_ANYBODY = {
    "figures_behind.figures_behind": "says how old figures are, and none of them",
    "stripe_facts.itemise_payouts.itemise_each": "goes with what applies a payout",
    "stripe_facts.itemise_payouts.itemise_payouts": "goes with an import or a reconciliation",
    "access.denied_acts.record_denied": "writes down what somebody was refused",
    "access.sessions.sign_out": "ends one's own session",
    "stripe_writes.store_outcome.ask_and_apply": "goes with what asks about a payment or link",
    "taking.payment_links.check_link.check_link": "goes with what shows or closes a link",
    "taking.one_payment_an_order.refuse_reserved_order": "goes with what makes payments",
    "taking.enforce_limits.audit_limit_reached": "writes down what somebody was refused",
    "payments.payments_list.visible_to": "the condition for what the actor may see",
    "payments.running_out_holds.running_out_holds": "none for who may not capture",
    "taking.payment_view.find_visible": "asks whether the actor may see the payment",
    "taking.payment_view.audit_if_hidden": "writes down what somebody was refused",
    "taking.payment_view.require_visible": "asks whether the actor may see the payment",
}
# Inner steps, whose use case has asked: they take a session or an operation besides.
_INNER = {"session", "operation", "operation_id", "payment_intent_id", "submission"}


@cache
def public() -> dict[str, Callable[..., Any]]:
    """Every public function with an actor, of services, reporting and exports, by its module."""
    found = {}
    for package in (services, reporting, exports):
        for name in _modules(package):
            module = importlib.import_module(f"{package.__name__}.{name}")
            for function_name, function in inspect.getmembers(module, inspect.isfunction):
                public = not function_name.startswith("_")
                if public and function.__module__ == module.__name__:
                    found[f"{name}.{function_name}"] = function
    return {
        name: function
        for name, function in found.items()
        if "actor" in inspect.signature(function).parameters
    }


def _modules(package: ModuleType) -> list[str]:
    prefix = f"{package.__name__}."
    found = pkgutil.walk_packages(package.__path__, prefix)
    return [module.name.removeprefix(prefix) for module in found]


def test_no_use_case_is_forgotten() -> None:
    """A new one with an actor is in the table here, or nobody has thought of who may."""
    left = {
        name
        for name, function in public().items()
        if name not in USE_CASES | FOR_ANYBODY
        and not _INNER & set(inspect.signature(function).parameters)
    }
    assert left == set()
    assert set(USE_CASES) <= set(public())


@pytest.fixture(scope="module")
def one_world(
    tmp_path_factory: pytest.TempPathFactory, databases: Databases, migrated: str
) -> Iterator[World]:
    """A desk for all use cases and roles: who may is asked before anything is read."""
    with (
        databases.copy(migrated) as url,
        worlds.world(tmp_path_factory.mktemp("world"), database_url=url) as made,
    ):
        yield made


@pytest.mark.parametrize("name", USE_CASES)
def test_allowed_exactly_by_the_table(one_world: World, name: str) -> None:
    """NotAllowed and an audit entry without the permission; with it, anything but that."""
    wanted, call = USE_CASES[name]
    for role in (None, *Role):
        act = call(public()[name], one_world, _guarded(one_world, role))
        before = _denied(one_world)
        try:
            act()
        except NotAllowed:
            allowed = False
        except CardpayError:
            allowed = True
        else:
            allowed = True
        assert allowed == (role is not None and wanted <= PERMISSIONS[role]), role
        assert _denied(one_world) - before == (0 if allowed else 1), role


@pytest.mark.parametrize("name", USE_CASES)
def test_nobody_acts_after_their_session_has_ended(one_world: World, name: str) -> None:
    """A callback of an open page runs before the page is drawn anew: it is refused as well."""
    actor = Actor("person-1", frozenset(Role), "test", _Ended())
    act = USE_CASES[name][1](public()[name], one_world, actor)
    with pytest.raises(SignedOut):
        act()


class _Ended:
    def check(self, _permission: Permission | None = None) -> None:
        raise SignedOut(EndReason.SIGNED_OUT)

    def refused(self, permission: Permission) -> None:
        raise AssertionError(permission)


def _guarded(world: World, role: Role | None) -> Actor:
    # Somebody else each time: of one person only so many denied acts are recorded.
    plain = Actor(f"person-{uuid4()}", frozenset({role} if role else ()), "test")
    return Actor(
        plain.actor_id, plain.roles, plain.origin, denied_acts.WithoutSession(world.desk, plain)
    )


def _denied(world: World) -> int:
    with world.desk.store.reading() as session:
        return len(session.exec(select(AuditEntry).where(AuditEntry.act == "denied")).all())


def _refund_without_answer(world: World) -> str:
    """The id of a refund's operation that needs review.

    The order's reference has only a few digits of a random number: four in ten thousand of 32
    hexadecimal digits hold what the guard takes for a card number.
    """
    paid = world.pay(world.created(order_reference=f"SO-{uuid4().hex[:8]}")).payment
    with world.desk.store.transaction() as session:
        payment = session.get(Payment, paid.payment_id)
        assert payment is not None
        request = {
            "payment_intent_id": payment.stripe_payment_intent_id,
            "amount_minor": 100,
            "reason": "duplicate",
            "refund_id": str(uuid4()),
        }
        operation: Operation = operation_lifecycle.begin(
            session, world.desk, AGENT, payment, OperationKind.REFUND, request
        )
        operation.needs_review = True
        session.add(operation)
    return operation.id
