"""Changing what the desk sells: exactly, once, by one person at a time, and never the past."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlmodel import col, select

from cardpay.domain.errors import CardpayError, InvalidInput, PriceChanged
from cardpay.domain.money import Money
from cardpay.domain.product_rules import (
    CatalogueItem,
    ProductChanged,
    ProductNotFound,
    TypedProduct,
)
from cardpay.services.catalogue import (
    add_product,
    catalogue,
    change_product,
    products_on_sale,
    restore_product,
    withdraw_product,
)
from cardpay.services.taking.create_payment import create_payment
from cardpay.storage.schema.tables import AuditEntry, Payment
from tests.support.desks.worlds import ADMIN, AGENT, World, draft

pytestmark = pytest.mark.one_database

VISIT = TypedProduct("Site visit", "1,245.50", "gbp")


def item(world: World, product_id: str = "consultation") -> CatalogueItem:
    """A product as it is now."""
    found = [one for one in catalogue(world.desk, ADMIN) if one.product.product_id == product_id]
    return found[0]


def entries(world: World) -> list[AuditEntry]:
    """What the audit log has about the catalogue."""
    with world.desk.store.reading() as session:
        asked = select(AuditEntry).where(col(AuditEntry.act).startswith("catalogue."))
        return list(session.exec(asked.order_by(col(AuditEntry.id))))


def test_a_product_is_added_behind_the_others(world: World) -> None:
    """On sale at once, with its exact price; the entry says who and what."""
    product_id = str(uuid4())
    added = add_product(world.desk, ADMIN, product_id, VISIT)
    assert (added.product.unit_amount_minor, added.product.currency) == (124_550, "gbp")
    assert products_on_sale(world.desk)[-1] == added.product
    (entry,) = entries(world)
    assert (entry.act, entry.actor_id, entry.subject_id) == (
        "catalogue.add",
        "admin-1",
        product_id,
    )
    assert (entry.before, entry.after) == (
        {},
        {"name": "Site visit", "unit_amount_minor": 124_550, "currency": "gbp", "on_sale": True},
    )


@pytest.mark.parametrize(
    ("price", "currency", "minor"),
    [
        ("0.01", "usd", 1),
        ("1'250.50", "chf", 125_050),
        ("1 250", "jpy", 1_250),
        ("1.230", "kwd", 1_230),
        ("5", "isk", 500),
        ("5.00", "ugx", 500),
        ("0.1", "rsd", 10),
        ("9999999999.99", "eur", 999_999_999_999),
    ],
)
def test_prices_are_read_exactly(world: World, price: str, currency: str, minor: int) -> None:
    """By Stripe's table of decimals, and never through a float."""
    added = add_product(world.desk, ADMIN, str(uuid4()), TypedProduct("New", price, currency))
    assert added.product.unit_amount_minor == minor


@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        (TypedProduct(" ", "1", "gbp"), "Name", "Enter the product name"),
        (TypedProduct("\u200b\t", "1", "gbp"), "Name", "Enter the product name"),
        (TypedProduct("x" * 101, "1", "gbp"), "Name", "100 characters or fewer"),
        (TypedProduct("CONSULTATION ", "1", "gbp"), "Name", "Another product has this name"),
        (TypedProduct("New", "", "gbp"), "Price", "Price must be a number"),
        (TypedProduct("New", "free", "gbp"), "Price", "Price must be a number"),
        (TypedProduct("New", "1,50", "gbp"), "Price", "Price must be a number"),
        (TypedProduct("New", "0", "gbp"), "Price", "more than zero"),
        (TypedProduct("New", "-1", "gbp"), "Price", "Price must be a number"),
        (TypedProduct("New", "1.005", "gbp"), "Price", "2 decimal places or fewer"),
        (TypedProduct("New", "1.5", "jpy"), "Price", "no decimal places"),
        (TypedProduct("New", "1.001", "kwd"), "Price", "multiple of 0.01"),
        (TypedProduct("New", "1.50", "isk"), "Price", "multiple of 1"),
        (TypedProduct("New", "10000000000", "gbp"), "Price", "more than Stripe allows"),
        (TypedProduct("New", "1", ""), "Currency", "Choose a currency"),
        (TypedProduct("New", "1", "xyz"), "Currency", "Choose a currency"),
    ],
)
def test_what_cannot_be_is_named(
    world: World, typed: TypedProduct, field: str, problem: str
) -> None:
    """The field and what is wrong with it; nothing is added or changed, and nothing audited."""
    before = catalogue(world.desk, ADMIN)
    saves: tuple[Callable[[], object], ...] = (
        lambda: add_product(world.desk, ADMIN, str(uuid4()), typed),
        lambda: change_product(world.desk, ADMIN, item(world, "seat"), typed),
    )
    for save in saves:
        with pytest.raises(InvalidInput, match=problem) as refused:
            save()
        assert refused.value.field == field
    assert catalogue(world.desk, ADMIN) == before
    assert entries(world) == []


def test_its_own_name_may_be_spelled_anew(world: World) -> None:
    """A name is taken by others only."""
    changed = change_product(
        world.desk, ADMIN, item(world), TypedProduct("CONSULTATION", "120", "gbp")
    )
    assert changed.product.name == "CONSULTATION"


def test_a_change_and_its_entry(world: World) -> None:
    """Before and after, in one transaction with the change; the id stays."""
    seen = item(world)
    change_product(world.desk, ADMIN, seen, TypedProduct("Consultation", "150", "eur"))
    assert item(world).product == replace(seen.product, unit_amount_minor=15_000, currency="eur")
    (entry,) = entries(world)
    assert (entry.act, entry.before["unit_amount_minor"], entry.after["unit_amount_minor"]) == (
        "catalogue.change",
        12_000,
        15_000,
    )


def test_off_sale_and_back(world: World) -> None:
    """Who fills in an order is not offered it meanwhile, nor may sell it."""
    seen = item(world)
    off = withdraw_product(world.desk, ADMIN, seen)
    assert seen.product not in products_on_sale(world.desk)
    with pytest.raises(InvalidInput, match="on sale"):
        world.created()
    restore_product(world.desk, ADMIN, off)
    assert seen.product in products_on_sale(world.desk)
    assert [entry.act for entry in entries(world)] == ["catalogue.withdraw", "catalogue.restore"]
    assert [entry.after["on_sale"] for entry in entries(world)] == [False, True]


def test_payments_keep_what_they_were_made_with(world: World) -> None:
    """Name, price and total of a payment, paid or not, are not the catalogue's any more."""
    payment = world.created(quantity=2)
    change_product(world.desk, ADMIN, item(world), TypedProduct("Advice", "1", "usd"))
    withdraw_product(world.desk, ADMIN, item(world))
    paid = world.pay(payment).payment
    assert (paid.total, paid.product_name) == (Money(24_000, "gbp"), "Consultation")
    assert [charge["amount"] for charge in world.successful_charges()] == [24_000]
    with world.desk.store.reading() as session:
        row = session.exec(select(Payment)).one()
    assert (row.unit_amount_minor, row.product_id) == (12_000, "consultation")


def test_the_second_of_two_is_told(world: World) -> None:
    """What it is now, and that nothing was saved; in the knowledge of it they may."""
    seen = item(world)
    change_product(world.desk, ADMIN, seen, TypedProduct("Consultation", "130", "gbp"))
    with pytest.raises(ProductChanged) as told:
        change_product(world.desk, ADMIN, seen, TypedProduct("Advice", "120", "gbp"))
    assert (
        "It is now Consultation, £130.00, on sale. Your change was not saved."
        in told.value.sentence
    )
    for act in (withdraw_product, restore_product):
        with pytest.raises(ProductChanged):
            act(world.desk, ADMIN, replace(seen, product=replace(seen.product, name="Old")))
    assert item(world).product.name == "Consultation"
    change_product(world.desk, ADMIN, told.value.now, TypedProduct("Advice", "120", "gbp"))
    assert item(world).product.name == "Advice"


def test_a_second_click_changes_nothing(world: World) -> None:
    """What is wanted is so already: no error, and no second entry."""
    product_id, seen = str(uuid4()), item(world)
    for _ in range(2):
        add_product(world.desk, ADMIN, product_id, VISIT)
        change_product(world.desk, ADMIN, seen, TypedProduct("Consultation", "130", "gbp"))
    for _ in range(2):
        withdraw_product(world.desk, ADMIN, item(world, product_id))
    assert [entry.act for entry in entries(world)] == [
        "catalogue.add",
        "catalogue.change",
        "catalogue.withdraw",
    ]


def test_of_many_at_once_one_wins(world: World) -> None:
    """Of eight who change what they all saw, and of eight who add one name."""
    seen = item(world)

    def change(number: int) -> str:
        try:
            typed = TypedProduct("Consultation", str(200 + number), "gbp")
            change_product(world.desk, ADMIN, seen, typed)
            add_product(world.desk, ADMIN, str(uuid4()), VISIT)
        except CardpayError as refused:
            return type(refused).__name__
        return "saved"

    def add(_: int) -> str:
        try:
            add_product(world.desk, ADMIN, str(uuid4()), TypedProduct("Another", "1", "gbp"))
        except CardpayError as refused:
            return type(refused).__name__
        return "saved"

    with ThreadPoolExecutor(8) as pool:
        changed = sorted(pool.map(change, range(8)))
        added = sorted(pool.map(add, range(8)))
    assert changed == ["ProductChanged"] * 7 + ["saved"]
    assert added == ["InvalidInput"] * 7 + ["saved"]
    assert [entry.act for entry in entries(world)].count("catalogue.change") == 1


def test_one_draft_added_by_many_clicks_is_one_product(world: World) -> None:
    """The id was made with the form."""
    product_id = str(uuid4())
    with ThreadPoolExecutor(8) as pool:
        added = set(
            pool.map(lambda _: add_product(world.desk, ADMIN, product_id, VISIT), range(8))
        )
    assert len(added) == 1
    assert len(entries(world)) == 1


def test_what_is_gone_is_not_there(world: World) -> None:
    """A forged id changes nothing."""
    gone = replace(item(world), product=replace(item(world).product, product_id="gone"))
    with pytest.raises(ProductNotFound):
        withdraw_product(world.desk, ADMIN, gone)


def test_no_other_amount_than_the_screen_showed(world: World) -> None:
    """The price changed while the order was filled in: said so, and nothing is created."""
    shown = replace(draft(), price_shown=Money(12_000, "gbp"))
    change_product(world.desk, ADMIN, item(world), TypedProduct("Consultation", "130", "gbp"))
    with pytest.raises(PriceChanged) as told:
        create_payment(world.desk, AGENT, shown)
    assert "is now £130.00. It was £120.00." in told.value.sentence
    assert world.intents() == []
    again = replace(shown, price_shown=Money(13_000, "gbp"))
    assert create_payment(world.desk, AGENT, again).total == Money(13_000, "gbp")


def test_a_draft_that_is_a_payment_stays_it(world: World) -> None:
    """A second press after a change of price finds the payment that the first one made."""
    shown = replace(draft(), price_shown=Money(12_000, "gbp"))
    first = create_payment(world.desk, AGENT, shown)
    change_product(world.desk, ADMIN, item(world), TypedProduct("Consultation", "130", "gbp"))
    assert create_payment(world.desk, AGENT, shown) == first
