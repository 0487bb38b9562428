"""The routes that hand out receipts: to whom, to whom not, and what is written down."""

import io
from dataclasses import replace
from uuid import uuid4

import pytest
from pypdf import PdfReader
from sqlmodel import select

from cardpay import bootstrap, settings
from cardpay.domain.access.sign_in import read_identity
from cardpay.domain.receipt import payment_receipt_number
from cardpay.exports.receipts.printed_receipt import PRINT_SCRIPT_PATH
from cardpay.services.access import sessions
from cardpay.services.after_payment.refunds import refund_payment
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import AuditEntry, Refund
from components.receipts.receipt_links import pdf_link, print_link
from components.web.receipt_routes import receipt_routes
from tests.support.desks.worlds import SUPERVISOR, World
from tests.support.screens.route_browser import COOKIE, SIGNING_IN, RouteBrowser
from tests.support.screens.signed_in_pages import SignedInPages
from tests.support.secrets.secret_scan import scan_bytes


@pytest.fixture
def paid(signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch) -> PaymentView:
    """A payment that an agent took, on a desk where people sign in."""
    chosen = settings.load(
        _env_file=None,
        CARDPAY_COMPANY_NAME="Sample Company",
        **SIGNING_IN,
    )
    monkeypatch.setattr(
        bootstrap, "_application", replace(bootstrap.application(), settings=chosen)
    )
    world = signed_in_pages.world
    return world.pay(world.created(order_reference="SO-2")).payment


@pytest.fixture
def client(paid: PaymentView) -> RouteBrowser:
    """A browser without cookies."""
    return RouteBrowser(receipt_routes(bootstrap.application))


def acts(world: World) -> list[str]:
    """What the audit log has, without sign-ins."""
    with world.desk.store.reading() as session:
        found = session.exec(select(AuditEntry).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    return [entry.act for entry in found if entry.act in {"receipt.taken", "denied"}]


def test_who_is_signed_in_gets_the_pdf_and_the_page(
    client: RouteBrowser, paid: PaymentView, signed_in_pages: SignedInPages
) -> None:
    """Kept by nobody on the way, written down each, and without a secret in it."""
    client.sign_in(signed_in_pages.claims("agent"))
    number = payment_receipt_number(paid.payment_id)
    pdf = client.get(pdf_link(paid.payment_id))
    assert pdf.status_code == 200
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["cache-control"] == "no-store"
    assert pdf.headers["content-disposition"] == f'attachment; filename="receipt-{number}.pdf"'
    reader = PdfReader(io.BytesIO(pdf.content))
    text = reader.pages[0].extract_text()
    page = client.get(print_link(paid.payment_id))
    assert page.headers["cache-control"] == "no-store"
    for words in (text, page.text):
        assert "Sample Company" in words
        assert number in words
        assert "Visa ending 4242" in words
        assert "£120.00" in words
    assert f'<script src="{PRINT_SCRIPT_PATH}"' in page.text
    assert "print()" in client.get(PRINT_SCRIPT_PATH).text
    assert acts(signed_in_pages.world) == ["receipt.taken", "receipt.taken"]
    # Not the file as it is: what is compressed in it holds numbers by chance.
    for name, content in (("about", str(reader.metadata)), ("text", text), ("page", page.text)):
        assert list(scan_bytes(content.encode(), name)) == []


def test_a_refund_has_its_own(
    client: RouteBrowser, paid: PaymentView, signed_in_pages: SignedInPages
) -> None:
    """At an address behind its payment's."""
    world = signed_in_pages.world
    refund_payment(world.desk, SUPERVISOR, paid.payment_id, 1_000, "duplicate", str(uuid4()))
    with world.desk.store.reading() as session:
        refund_id = session.exec(select(Refund)).one().id
    client.sign_in(signed_in_pages.claims("agent"))
    page = client.get(print_link(paid.payment_id, refund_id)).text
    assert "Refund receipt" in page
    assert payment_receipt_number(paid.payment_id) in page
    assert client.get(pdf_link(paid.payment_id, "refund-of-another")).status_code == 404


@pytest.mark.parametrize("link", [pdf_link, print_link])
@pytest.mark.parametrize("cookie", ["none", "forged", "out", "garbage"])
def test_without_a_session_there_is_nothing(
    client: RouteBrowser,
    paid: PaymentView,
    signed_in_pages: SignedInPages,
    cookie: str,
    link: object,
) -> None:
    """No cookie, one that somebody else signed, and one whose session was ended."""
    claims = signed_in_pages.claims("supervisor")
    if cookie == "forged":
        client.sign_in(claims, secret="y" * 32)
    if cookie == "garbage":
        client.cookies[COOKIE] = "chunks-2"
    if cookie == "out":
        client.sign_in(claims)
        desk, chosen = signed_in_pages.world.desk, bootstrap.application().settings
        identity = read_identity(claims, "groups")
        assert identity is not None
        sessions.sign_out(desk, sessions.enter(desk, chosen.admission, identity, "test"))
    assert callable(link)
    refused = client.get(link(paid.payment_id))
    assert refused.status_code == 401
    assert refused.headers["cache-control"] == "no-store"
    assert "SO-2" not in refused.text
    assert acts(signed_in_pages.world) == []


def test_without_a_role_there_is_nothing(
    client: RouteBrowser, paid: PaymentView, signed_in_pages: SignedInPages
) -> None:
    """A stranger of the same organisation."""
    client.sign_in(signed_in_pages.claims())
    assert client.get(pdf_link(paid.payment_id)).status_code == 403


def test_a_payment_that_is_hidden_is_not_found(
    client: RouteBrowser, paid: PaymentView, signed_in_pages: SignedInPages
) -> None:
    """Another agent's, after a day; that it was tried is written down."""
    signed_in_pages.world.clock.advance(days=2)
    client.sign_in(signed_in_pages.claims("agent"))
    hidden = client.get(pdf_link(paid.payment_id))
    missing = client.get(pdf_link(str(uuid4())))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text == missing.text
    assert acts(signed_in_pages.world) == ["denied"]
    client.sign_in(signed_in_pages.claims("supervisor"))
    assert client.get(pdf_link(paid.payment_id)).status_code == 200


def test_what_is_unpaid_or_no_id_has_none(
    client: RouteBrowser, signed_in_pages: SignedInPages
) -> None:
    """Nor a page of Streamlit's instead."""
    client.sign_in(signed_in_pages.claims("supervisor"))
    unpaid = signed_in_pages.world.created(order_reference="SO-3")
    assert client.get(pdf_link(unpaid.payment_id)).status_code == 404
    assert client.get(pdf_link("4242424242424242")).status_code == 404
    assert client.get(pdf_link(unpaid.payment_id), "POST").status_code == 405


def test_with_sign_in_off_everybody_is_the_desk(demo: SignedInPages) -> None:
    """As on the pages."""
    payment = demo.world.pay(demo.world.created(order_reference="SO-2")).payment
    browser = RouteBrowser(receipt_routes(bootstrap.application))
    assert browser.get(pdf_link(payment.payment_id)).status_code == 200
    assert acts(demo.world) == ["receipt.taken"]
