"""Card data typed or forged into any text that a use case takes is refused, and kept nowhere."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from uuid import uuid4
from zoneinfo import ZoneInfo

import click
import pytest

from cardpay.commands.command_line import cardpay as commands
from cardpay.domain.access.view_rules import KEPT, Parameters, TypedView
from cardpay.domain.business_days import Days
from cardpay.domain.card_number_guard import CardDataRefused
from cardpay.domain.errors import CardpayError
from cardpay.domain.exports.exported_files import ExportKind
from cardpay.domain.payment.order import Draft, SecondPayment
from cardpay.domain.product_rules import TypedProduct
from cardpay.exports.audit_csv import audit_csv, hand_out_audit_log
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.audit.audit_list import all_entries, audit_page
from cardpay.reporting.customers.customers_list import CustomerFilter, customers_page
from cardpay.reporting.exported_lists.exported_filters import filter_of
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payment_totals import payment_totals
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.services.after_payment.captures import capture_payment
from cardpay.services.after_payment.notes import add_note
from cardpay.services.after_payment.receipt_emails import email_receipt
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.catalogue import add_product
from cardpay.services.saved_views import save_view
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.idempotent_submission import SubmissionRefused
from cardpay.services.taking.payment_links.replace_by_link import replace_by_link
from cardpay.storage.schema.tables import metadata
from tests.integration.services.access.test_permissions import USE_CASES, UTC_ZONE, public
from tests.support.desks.worlds import ADMIN, AGENT, ANALYST, SUPERVISOR, World
from tests.support.secrets.secret_scan import scan_bytes

pytestmark = pytest.mark.one_database

NUMBER = "4242 4242 4242 4242"
TYPED = f"caller said {NUMBER}"
Call = Callable[[World], object]


def _held(world: World) -> str:
    held = world.created(order_reference="SO-9", hold=True)
    world.pay(held)
    return held.payment_id


def _again(world: World) -> None:
    world.created(order_reference="SO-1")
    world.created(order_reference="SO-1", second_payment=SecondPayment(TYPED, 1))


def _confirm(world: World, method: str, submission: str) -> None:
    payment = world.created()
    confirm_payment(world.desk, AGENT, payment.payment_id, method, submission)


def _refund(world: World, submission: str) -> None:
    paid = world.pay(world.created()).payment
    refund_payment(world.desk, SUPERVISOR, paid.payment_id, 100, "duplicate", submission)


def _note(world: World, typed: str, submission: str) -> None:
    add_note(world.desk, AGENT, world.created().payment_id, typed, submission)


def _email(world: World, address: str, submission: str) -> None:
    paid = world.pay(world.created()).payment
    email_receipt(world.desk, AGENT, paid.payment_id, address, submission)


# Each text, by its use case: `Draft` is what `create_payment` takes, `TypedProduct` the catalogue.
TEXTS: dict[str, Call] = {
    "Draft.payment_id": lambda world: world.created(payment_id=NUMBER),
    "Draft.customer_name": lambda world: world.created(customer_name=TYPED),
    "Draft.customer_email": lambda world: world.created(customer_email=f"{NUMBER}@example.com"),
    "Draft.customer_phone": lambda world: world.created(customer_phone=NUMBER),
    "Draft.order_reference": lambda world: world.created(order_reference=TYPED),
    "Draft.note": lambda world: world.created(note=TYPED),
    "Draft.second_payment": _again,
    "TypedProduct.name": lambda world: add_product(
        world.desk, ADMIN, str(uuid4()), TypedProduct(TYPED, "1", "gbp")
    ),
    "TypedProduct.price": lambda world: add_product(
        world.desk, ADMIN, str(uuid4()), TypedProduct("Visit", NUMBER, "gbp")
    ),
    "TypedView.name": lambda world: save_view(world.desk, AGENT, TypedView(TYPED, {})),
    "TypedView.parameters": lambda world: save_view(
        world.desk, AGENT, TypedView("Mine", {"amount": (NUMBER,)})
    ),
    "audit.audit_list.audit_page.chosen": lambda world: audit_page(
        world.desk.store, ADMIN, UTC_ZONE, AuditFilter(subject_id=NUMBER)
    ),
    "audit_csv.hand_out_audit_log.chosen": lambda world: hand_out_audit_log(
        world.desk, ADMIN, UTC_ZONE, AuditFilter(subject_id=NUMBER)
    ),
    "audit_csv.audit_csv.chosen": lambda world: audit_csv(
        world.desk.store, ADMIN, UTC_ZONE, AuditFilter(subject_id=NUMBER)
    ),
    "audit.audit_list.all_entries.chosen": lambda world: list(
        all_entries(world.desk.store, ADMIN, UTC_ZONE, AuditFilter(subject_id=NUMBER))
    ),
    "catalogue.add_product.product_id": lambda world: add_product(
        world.desk, ADMIN, NUMBER, TypedProduct("Visit", "1", "gbp")
    ),
    "taking.confirm_payment.confirm_payment.payment_method_id": lambda world: _confirm(
        world, "pm_4242424242424242", str(uuid4())
    ),
    "taking.confirm_payment.confirm_payment.submission_id": lambda world: _confirm(
        world, "pm_1", NUMBER
    ),
    "taking.payment_links.replace_by_link.replace_by_link.link_payment_id": (
        lambda world: replace_by_link(world.desk, AGENT, world.created().payment_id, NUMBER)
    ),
    "after_payment.captures.capture_payment.submission_id": lambda world: capture_payment(
        world.desk, SUPERVISOR, _held(world), None, NUMBER
    ),
    "after_payment.notes.add_note.typed": lambda world: _note(world, TYPED, str(uuid4())),
    "after_payment.notes.add_note.submission_id": lambda world: _note(world, "Ring back", NUMBER),
    "after_payment.receipt_emails.email_receipt.address": lambda world: _email(
        world, f"{NUMBER}@example.com", str(uuid4())
    ),
    "after_payment.receipt_emails.email_receipt.submission_id": lambda world: _email(
        world, "one@example.com", NUMBER
    ),
    "after_payment.refunds.refund_payment.submission_id": lambda world: _refund(world, NUMBER),
    "customers.customers_list.customers_page.chosen": lambda world: customers_page(
        world.desk.store, ANALYST, UTC_ZONE, CustomerFilter(search=TYPED)
    ),
    "payments.payments_list.payments_page.chosen": lambda world: payments_page(
        world.desk.store, AGENT, PaymentFilter(search=TYPED)
    ),
    "payments.payment_totals.payment_totals.chosen": lambda world: payment_totals(
        world.desk.store, AGENT, PaymentFilter(search=TYPED), ZoneInfo("UTC"), world.desk.now()
    ),
}
# ReconciliationProgress with what is stored, and kept nowhere; or one of a few words.
ELSEWHERE = {
    "Draft.product_id",
    "TypedProduct.currency",
    "after_payment.captures.capture_payment.payment_id",
    "taking.cancel_payment.cancel_payment.payment_id",
    "taking.confirm_payment.confirm_payment.payment_id",
    "taking.payment_links.expire_link.cancel_link.payment_id",
    "taking.payment_links.link_address.link_address.payment_id",
    "taking.payment_links.replace_by_link.replace_by_link.payment_id",
    "taking.refresh_payment.refresh_payment.payment_id",
    "customers.customers_list.customer_of.payment_id",
    "customers.customers_list.customer_payments.payment_id",
    "payment_page.payment_details.payment_details.payment_id",
    "after_payment.notes.add_note.payment_id",
    "after_payment.receipt_emails.email_receipt.payment_id",
    "after_payment.refunds.refund_payment.payment_id",
    "payment_page.payment_page.payment_page.payment_id",
    "payments.receipts.receipt.payment_id",
    "receipts.hand_out_receipt.hand_out_receipt.payment_id",
    "recovery.review.dismiss_operation.operation_id",
    "recovery.review.retry_operation.operation_id",
}
# Counted, a setting, compared with what is stored, or of a receipt that was found.
NOT_KEPT = {
    "audit.record_reading.note_receipt.kind",
    "audit.record_reading.note_receipt.number",
    "audit.record_reading.note_receipt.payment_id",
    "access.end_sessions.end_persons_sessions.actor_id",
    "access.end_sessions.end_session.session_id",
    "balance.payout_list.payout_named.payout_id",
    "payments.receipts.receipt.refund_id",
    "receipts.hand_out_receipt.hand_out_receipt.refund_id",
    "saved_views.open_first.view_id",
    "taking.payment_links.create_link.send_payment_link.instead_of",
    "payments.possible_duplicates.payment_of_order.draft_id",
    "payments.possible_duplicates.payment_of_order.order_reference",
    "payments.possible_duplicates.same_amount_from_customer.customer_name",
    "payments.possible_duplicates.same_amount_from_customer.draft_id",
    "payments.my_day.taken_today.zone",
    "insights.report.report.reporting",
    "insights.reporting_currency.reporting_currency.chosen",
    "audit.record_reading.note_list_export.kind",
    "audit.record_reading.note_chart_taken.chart",
    "hand_out_export.hand_out_export.export_id",
    "saved_views.delete_view.view_id",
    "audit.record_reading.note_export_taken.kind",
    "audit.record_reading.note_export_taken.export_id",
}
_TEXTUAL = {
    str,
    str | None,
    AuditFilter,
    CustomerFilter,
    Parameters,
    PaymentFilter,
    SecondPayment | None,
}


def test_no_text_is_forgotten() -> None:
    """Every text that a use case takes is here, a new one too."""
    functions = public()
    taken = {
        f"{name}.{parameter.name}"
        for name in USE_CASES
        for parameter in inspect.signature(functions[name]).parameters.values()
        if parameter.annotation in _TEXTUAL
    } | {
        f"{kind.__name__}.{field.name}"
        for kind in (Draft, TypedProduct, TypedView)
        for field in fields(kind)
        if field.type in _TEXTUAL
    }
    assert taken == set(TEXTS) | ELSEWHERE | NOT_KEPT


@pytest.mark.parametrize("text", TEXTS)
def test_card_data_is_refused_and_kept_nowhere(
    world: World, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence names no digit, no table has it, no log has it, and Stripe never heard it."""
    caplog.set_level("DEBUG", logger="cardpay")
    with pytest.raises((CardDataRefused, SubmissionRefused)) as refused:
        TEXTS[text](world)
    assert not any(character.isdigit() for character in refused.value.sentence)
    assert not list(scan_bytes(caplog.text.encode()))
    assert not list(scan_bytes(kept(world)))
    assert "4242424242424242" not in str(world.sandbox.requests)


def test_no_part_of_a_view_is_card_data(world: World) -> None:
    """Each comes from the address, which anybody can type."""
    for name in KEPT:
        with pytest.raises(CardDataRefused):
            save_view(world.desk, AGENT, TypedView("Mine", {name: ("this", NUMBER)}))
    assert not list(scan_bytes(kept(world)))


# What somebody can type after a command, but days, numbers and words of a list.
COMMAND_TEXTS = {
    "doctor.heads": "a file that is read",
    "erase.customer": "compared with what is stored, and not repeated",
    "erase.payment": "compared with what is stored, and not repeated",
    "erase.phone": "compared with what is stored, and not repeated",
    "erase.staff": "recorded where there is such a person",
    "export.out": "a file that is written",
    "export.statuses": "refused, below",
    "report.by": "words of a list",
    "sessions end.person": "compared with what is stored",
}


def _below(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for below, one in _below(command):
                yield f"{name} {below}", one


def test_no_command_takes_other_texts() -> None:
    """A new one is looked at first: what a command is given may reach the audit log."""
    taken = {
        f"{name}.{parameter.name}"
        for name, command in _below(commands)
        if name != "sandbox"  # is none of the desk's
        for parameter in command.params
        if isinstance(parameter.type, click.types.StringParamType | click.Path)
    }
    assert taken == set(COMMAND_TEXTS)


@pytest.mark.parametrize("kind", [ExportKind.PAYMENTS, ExportKind.BALANCE])
def test_an_exports_status_is_no_card_number(kind: ExportKind) -> None:
    """The categories of the balance have no list to be compared with, and are recorded."""
    with pytest.raises(CardDataRefused):
        filter_of(kind, Days(), [NUMBER])


@pytest.mark.parametrize("text", sorted(one for one in ELSEWHERE if one[0].islower()))
def test_what_is_only_looked_up_is_not_kept(world: World, text: str) -> None:
    """A number where an id belongs finds nothing, and leaves nothing."""
    name, _, given = text.rpartition(".")
    function = public()[name]
    arguments = [
        NUMBER if parameter.name == given else 1 if parameter.annotation is int else "duplicate"
        for parameter in list(inspect.signature(function).parameters.values())[2:]
        if parameter.default is inspect.Parameter.empty
    ]
    takes = next(iter(inspect.signature(function).parameters))
    first = world.desk.store if takes == "store" else world.desk
    actor = AGENT if name.startswith("taking.") else SUPERVISOR
    with pytest.raises(CardpayError) as refused:
        function(first, actor, *arguments)
    assert not any(character.isdigit() for character in refused.value.sentence)
    assert not list(scan_bytes(kept(world)))


def kept(world: World) -> bytes:
    """All that the tables hold, a value a line, but for the fingerprints and last fours."""
    with world.desk.store.reading() as session:
        return "\n".join(
            str(value)
            for table in metadata.tables.values()
            for row in session.connection().execute(table.select())
            for value in row
        ).encode()
