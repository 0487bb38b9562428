"""Orders that the desk numbers: no two have the same number, whoever is quicker."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.order_numbers import next_reference
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.services.taking.payment_view import PaymentView
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, World, draft

PEOPLE = 6


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk that numbers its orders."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        numbering = replace(made.desk, order_prefix="SO-")
        yield World(numbering, made.sandbox, made.clock)


def numbered(world: World, shown: str) -> PaymentView:
    """An order that was created by a screen which showed this number."""
    return create_payment(world.desk, AGENT, draft(order_reference=shown, is_numbered=True))


def test_each_order_gets_the_next_number(world: World) -> None:
    """At Stripe too; the screen of a slower colleague still shows the last one."""
    assert next_reference(world.desk) == "SO-1"
    assert numbered(world, "SO-1").order_reference == "SO-1"
    assert next_reference(world.desk) == "SO-2"
    assert numbered(world, "SO-1").order_reference == "SO-2"
    made = [one["metadata"]["order_reference"] for one in world.intents()]
    assert sorted(made) == ["SO-1", "SO-2"]


def test_people_who_press_at_once_get_different_numbers(world: World) -> None:
    """All of them were shown the same."""
    with ThreadPoolExecutor(PEOPLE) as pool:
        made = list(pool.map(lambda _: numbered(world, "SO-1"), range(PEOPLE)))
    references = {one.order_reference for one in made}
    assert references == {f"SO-{number}" for number in range(1, PEOPLE + 1)}


def test_a_number_that_staff_typed_is_passed_over(world: World) -> None:
    """Spelled in another way, too: it is the same order."""
    world.created(order_reference="so - 1")
    assert next_reference(world.desk) == "SO-2"
    assert numbered(world, "SO-1").order_reference == "SO-2"


def test_what_staff_typed_stays(world: World) -> None:
    """And takes no number."""
    assert world.created(order_reference="A-7").order_reference == "A-7"
    assert next_reference(world.desk) == "SO-1"


def test_a_create_that_is_tried_again_keeps_its_number(world: World) -> None:
    """One that Stripe refused has no PaymentIntent, and is the same payment."""
    world.sandbox.faults.add("error_500", path="/v1/payment_intents", times=3)
    order = draft(order_reference="SO-1", is_numbered=True)
    first = create_payment(world.desk, AGENT, order)
    again = create_payment(world.desk, AGENT, order)
    assert (first.order_reference, again.order_reference) == ("SO-1", "SO-1")
    assert next_reference(world.desk) == "SO-2"


def test_a_link_has_a_number_too(world: World) -> None:
    """From the same row of numbers."""
    numbered(world, "SO-1")
    order = draft(order_reference="SO-1", is_numbered=True)
    made = send_payment_link(world.desk, AGENT, order)
    assert made.payment.order_reference == "SO-2"
    assert world.links()[0]["metadata"]["order_reference"] == "SO-2"


def test_without_a_prefix_nothing_is_numbered(world: World) -> None:
    """The setting is off by default."""
    plain = replace(world.desk, order_prefix="")
    assert next_reference(plain) == ""
    order = draft(order_reference="X-1", is_numbered=True)
    assert create_payment(plain, AGENT, order).order_reference == "X-1"
