"""The route that hands out exports: to whom, to whom not, and what is written down."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from cardpay import bootstrap, settings
from cardpay.domain.access.sign_in import read_identity
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.exports.export_builder import ExportBuilder
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.access import sessions
from cardpay.storage.schema.tables import AuditEntry
from components.exports.export_links import export_link
from components.web.export_routes import export_routes
from tests.support.screens.route_browser import COOKIE, SIGNING_IN, RouteBrowser
from tests.support.screens.signed_in_pages import SignedInPages


@pytest.fixture
def builder(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> ExportBuilder:
    """Of a desk where people sign in."""
    application = replace(
        bootstrap.application(), settings=settings.load(_env_file=None, **SIGNING_IN)
    )
    monkeypatch.setattr(bootstrap, "_application", application)
    application.exports.folder = tmp_path / "exports"
    return application.exports


@pytest.fixture
def client(builder: ExportBuilder) -> RouteBrowser:
    """A browser without cookies."""
    return RouteBrowser(export_routes(bootstrap.application))


def made_by(pages: SignedInPages, builder: ExportBuilder, role: str) -> str:
    """A finished export of somebody with that role."""
    identity = read_identity(pages.claims(role), "groups")
    assert identity is not None
    actor = sessions.enter(
        pages.world.desk, bootstrap.application().settings.admission, identity, "test"
    )
    export_id = builder.begin(actor, ExportKind.PAYMENTS, PaymentFilter(), FileFormat.CSV)
    builder.work()
    return export_id


def taken(pages: SignedInPages) -> int:
    """How many downloads the audit log has."""
    with pages.world.desk.store.reading() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.act == "export.taken")).all()
    return len(entries)


def test_its_maker_gets_the_file(
    client: RouteBrowser, builder: ExportBuilder, signed_in_pages: SignedInPages
) -> None:
    """Under a name that says what and when; kept by nobody on the way; each time written down."""
    export_id = made_by(signed_in_pages, builder, "analyst")
    client.sign_in(signed_in_pages.claims("analyst"))
    assert client.get(export_link(export_id)).status_code == 200
    assert taken(signed_in_pages) == 1
    answer = client.get(export_link(export_id))
    assert taken(signed_in_pages) == 2
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("text/csv")
    named = answer.headers["content-disposition"]
    assert named.startswith('attachment; filename="payments-2024-')
    assert "SO-1" in answer.text


def test_nobody_else_does(
    client: RouteBrowser, builder: ExportBuilder, signed_in_pages: SignedInPages
) -> None:
    """As if there were none: others who may export, and those who may not."""
    export_id = made_by(signed_in_pages, builder, "analyst")
    client.sign_in(signed_in_pages.claims("supervisor"))
    other, missing = client.get(export_link(export_id)), client.get(export_link(str(uuid4())))
    assert (other.status_code, missing.status_code) == (404, 404)
    assert other.text == missing.text
    client.sign_in(signed_in_pages.claims("agent"))
    assert client.get(export_link(export_id)).status_code == 403
    assert client.get(export_link("../../etc/passwd")).status_code == 404
    assert taken(signed_in_pages) == 0


@pytest.mark.parametrize("cookie", ["none", "forged", "out", "garbage"])
def test_without_a_session_there_is_nothing(
    client: RouteBrowser, builder: ExportBuilder, signed_in_pages: SignedInPages, cookie: str
) -> None:
    """No cookie, one that somebody else signed, and one whose session was ended."""
    export_id = made_by(signed_in_pages, builder, "analyst")
    claims = signed_in_pages.claims("analyst")
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
    refused = client.get(export_link(export_id))
    assert refused.status_code == 401
    assert refused.headers["cache-control"] == "no-store"
    assert "SO-1" not in refused.text
    assert taken(signed_in_pages) == 0


def test_what_has_expired_is_gone(
    client: RouteBrowser, builder: ExportBuilder, signed_in_pages: SignedInPages
) -> None:
    """Before it is removed, too."""
    export_id = made_by(signed_in_pages, builder, "analyst")
    signed_in_pages.world.clock.advance(hours=25)
    client.sign_in(signed_in_pages.claims("analyst", sign_in="2"))
    assert client.get(export_link(export_id)).status_code == 404
    assert builder.folder.is_dir()
    assert client.get(export_link(export_id), "POST").status_code == 405
