"""What somebody typed is text on every page: no link, picture, element, icon or formula of it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Node

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.access.view_rules import TypedView
from cardpay.domain.cleaned_text import WORD_JOINER
from cardpay.domain.product_rules import TypedProduct
from cardpay.services.after_payment.notes import add_note
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.catalogue import add_product
from cardpay.services.saved_views import save_view
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.storage.schema.session_tables import Person
from components.frame import desk_access
from components.frame.page_list import PAGES, PAYMENT, TAKE_PAYMENT
from tests.pages.conftest import Drawing
from tests.support.desks.unanswered_requests import Unanswered
from tests.support.desks.worlds import DECLINED, World, draft

EVERYBODY = Actor("somebody-1", frozenset(Role), "test")
PARTS = (
    "<u>x</u>",
    "[x](http://evil.example)",
    "![y](z)",
    "www.evil.example/x",
    "a@evil.example",
    ":red[z]",
    "$q$",
    ":material/home:",
)
TYPED = " ".join(PARTS)
SHORT = " ".join(PARTS[1:2] + PARTS[3:4])[:40]
# Where Streamlit 1.67 shows a text as it is. Of anything else it may make Markdown.
AS_TEXT = {
    ("Text", "body"),
    ("TextInput", "default"),
    ("TextInput", "value"),
    ("TextArea", "default"),
    ("TextArea", "value"),
    ("Selectbox", "options"),
    ("Selectbox", "raw_value"),
    ("MultiSelect", "options"),
    ("BidiComponent", "json"),
    ("VegaLiteChart", "alt"),
}


class Markup(HTMLParser):
    """The elements of a piece of HTML that name the other side."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Links to ourselves may carry what was typed, encoded."""
        of = dict(attrs)
        address = of.get("href") or of.get("src") or ""
        if tag in {"u", "img"} or "evil" in re.sub(r"[?#].*", "", address):
            self.found.append(f"<{tag} {address}>")


def _texts(message: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """Each text in a message and below it, with where it stands."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else (value,):
            if hasattr(one, "ListFields"):
                yield from _texts(one)
            elif isinstance(one, str):
                yield (message.DESCRIPTOR.name, field.name), one


def _nodes(node: Any) -> Iterator[Node]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _nodes(child)


def texts_of(screen: AppTest) -> Iterator[tuple[tuple[str, str], str]]:
    """Every text of a page, with where it stands."""
    for node in _nodes(screen._tree):
        proto = getattr(node, "proto", None)
        if hasattr(proto, "ListFields"):
            yield from _texts(proto)


def made_of_text(screen: AppTest) -> set[str]:
    """What a page makes of what was typed, besides text."""
    found = set()
    for place, text in texts_of(screen):
        if place == ("Html", "body"):
            markup = Markup()
            markup.feed(text)
            found |= {f"{place}: {one}" for one in markup.found}
        elif place not in AS_TEXT:
            shown = [part for part in PARTS if part in text]
            linked = re.search(rf"(www|@|https?\\?:)(?!{WORD_JOINER})[\\./]*evil", text)
            found |= {f"{place}: {text}"} if shown or linked else set()
    return found


def _books(world: World) -> str:
    """A desk on which everything that can be typed is as bad as it gets; the payment's id."""
    desk = world.desk
    typed = {"customer_name": TYPED, "note": TYPED, "customer_phone": "+44 20 7946 0000"}
    with desk.store.transaction() as session:
        session.add(Person(actor_id=EVERYBODY.actor_id, name=TYPED, seen_at=desk.now()))
    product = add_product(desk, EVERYBODY, str(uuid4()), TypedProduct(TYPED[:100], "12.00", "gbp"))
    product_id = product.product.product_id
    of_order = {**typed, "product_id": product_id}
    paid = world.pay(
        world.created(order_reference=TYPED, customer_email="a@evil.example", **of_order),
        actor=EVERYBODY,
    ).payment
    world.pay(world.created(order_reference=f"{TYPED} 2", **of_order), DECLINED, EVERYBODY)
    send_payment_link(desk, EVERYBODY, draft(order_reference=f"{TYPED} 3", customer_name=TYPED))
    add_note(desk, EVERYBODY, paid.payment_id, TYPED, str(uuid4()))
    refund_payment(desk, EVERYBODY, paid.payment_id, 100, "duplicate", str(uuid4()))
    save_view(desk, EVERYBODY, TypedView(SHORT, {"status": ("Succeeded",)}, Role.AGENT))
    Unanswered(world, "refund").asked("timeout_before")
    Unanswered(world, "refund").alone()
    return paid.payment_id


def test_no_page_makes_more_of_it(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page, for somebody who may see everything."""
    payment_id = _books(world)
    monkeypatch.setattr(desk_access, "current_actor", lambda: EVERYBODY)
    drawn = 0
    for page in PAGES:
        screen = page_of(f"{page.name}.py")
        if page in {PAYMENT, TAKE_PAYMENT}:
            screen.query_params["payment"] = payment_id
        screen.run()
        assert not screen.exception, page.name
        assert made_of_text(screen) == set(), page.name
        drawn += any("evil" in text for _, text in texts_of(screen))
    assert drawn >= 8
