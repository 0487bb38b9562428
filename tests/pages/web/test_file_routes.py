"""Every route that hands out a file: to whom, to whom not, and what is written down."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.routing import Route

from cardpay import bootstrap, settings
from cardpay.domain.access.sign_in import Identity, read_identity
from cardpay.domain.business_days import Days
from cardpay.domain.exports.exported_files import ExportKind, FileFormat
from cardpay.exports import audit_csv, hand_out_export, insights_csv
from cardpay.exports.month_end import hand_out_month_end
from cardpay.exports.receipts import hand_out_receipt
from cardpay.reporting.audit.audit_filter import AuditFilter
from cardpay.reporting.insights.chart_data import ChartName
from cardpay.reporting.insights.insights import InsightsFilter
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.services.access import sessions
from cardpay.services.desk import DENIALS_A_MINUTE
from cardpay.storage.schema.tables import AuditEntry
from components.audit.audit_links import AUDIT_FILE, audit_file_link
from components.balance.balance_links import month_end_link
from components.exports.export_links import export_link
from components.insights.insight_links import file_link
from components.receipts.receipt_links import pdf_link, print_link
from components.web.audit_routes import audit_routes
from components.web.balance_routes import balance_routes
from components.web.export_routes import export_routes
from components.web.insight_routes import insight_routes
from components.web.receipt_routes import receipt_routes
from tests.support.screens.route_browser import SIGNING_IN, RouteBrowser
from tests.support.screens.signed_in_pages import SignedInPages

ROLES = ("admin", "analyst")
DAY = Days(date(2024, 2, 29), date(2024, 2, 29))
ACTS = {
    "audit": Counter(["audit.export"]),
    "chart": Counter(["chart.taken"]),
    "export": Counter(["export.taken"]),
    "month end": Counter(["balance.month_end"]),
    "receipt": Counter(["receipt.taken"]),
    "printed receipt": Counter(["receipt.taken"]),
}
"""What is written down of each file."""


@dataclass
class Files:
    """A file of each kind, and the browser of whoever may have them all."""

    pages: SignedInPages
    browser: RouteBrowser
    links: dict[str, str]

    def taken(self) -> Counter[str]:
        """What is written down of files that somebody had, and how often."""
        with self.pages.world.desk.store.reading() as session:
            acts = session.exec(select(AuditEntry.act)).all()
        return Counter(act for act in acts if Counter([act]) in ACTS.values())

    def identity(self, sign_in: str = "1") -> Identity:
        """Who that is."""
        found = read_identity(self.pages.claims(*ROLES, sign_in=sign_in, sub="one"), "groups")
        assert found is not None
        return found

    def sign_in(self, *roles: str, sign_in: str = "1") -> None:
        """With these roles; always the same person."""
        self.browser.sign_in(self.pages.claims(*roles, sign_in=sign_in, sub="one"))


@pytest.fixture
def files(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Files:
    """On a desk where somebody paid and people sign in."""
    chosen = settings.load(_env_file=None, CARDPAY_COMPANY_NAME="Sample Company", **SIGNING_IN)
    application = replace(bootstrap.application(), settings=chosen)
    monkeypatch.setattr(bootstrap, "_application", application)
    application.exports.folder = tmp_path / "exports"
    world = signed_in_pages.world
    paid = world.pay(world.created(order_reference="SO-2")).payment.payment_id
    found = Files(signed_in_pages, RouteBrowser([]), {})
    maker = sessions.enter(world.desk, chosen.admission, found.identity(), "test")
    export_id = application.exports.begin(
        maker, ExportKind.PAYMENTS, PaymentFilter(), FileFormat.CSV
    )
    application.exports.work()
    found.browser.routes = [
        route
        for made in (audit_routes, balance_routes, export_routes, insight_routes, receipt_routes)
        for route in made(bootstrap.application)
    ]
    found.links.update(
        {
            "audit": audit_file_link(AuditFilter(act="payment.create")),
            "chart": file_link(ChartName.VOLUME, InsightsFilter(DAY), DAY, "gbp"),
            "export": export_link(export_id),
            "month end": month_end_link(date(2024, 2, 1), date(2024, 2, 29)),
            "receipt": pdf_link(paid),
            "printed receipt": print_link(paid),
        }
    )
    return found


def test_every_file_of_ours_is_here(files: Files) -> None:
    """A new route has to stand in these tests; the script that prints is nobody's data."""
    patterns = [route.path_regex for route in files.browser.routes if isinstance(route, Route)]
    paths = [link.partition("?")[0] for link in files.links.values()]
    assert len(patterns) == len(paths) + 1
    assert all(any(pattern.match(path) for pattern in patterns) for path in paths)


def test_a_file_is_handed_out_whole_and_written_down_once(files: Files) -> None:
    """To who asks for a part of it, too; and who only asks whether it is there gets nothing."""
    files.sign_in(*ROLES)
    before = files.taken()
    for kind, link in files.links.items():
        assert files.browser.get(link, "HEAD").status_code == 405, kind
        assert files.taken() == before, kind
        answer = files.browser.get(link, headers={"Range": "bytes=0-9"})
        assert answer.status_code == 200, kind
        assert int(answer.headers["content-length"]) == len(answer.content) > 10, kind
        assert answer.headers["cache-control"] == "no-store", kind
        is_saved = answer.headers.get("content-disposition", "").startswith("attachment")
        assert is_saved is (kind != "printed receipt"), kind
        before += ACTS[kind]
        assert files.taken() == before, kind


def test_an_address_alone_is_worth_nothing(files: Files) -> None:
    """No session, one that has ended, one that is too old, a role that was taken away."""
    desk, admission = files.pages.world.desk, bootstrap.application().settings.admission

    def refused() -> set[tuple[int, str]]:
        answers = [files.browser.get(link) for link in files.links.values()]
        return {(one.status_code, one.headers["cache-control"]) for one in answers}

    assert refused() == {(401, "no-store")}
    files.sign_in(sign_in="without a role")
    assert refused() == {(403, "no-store")}
    files.sign_in(*ROLES, sign_in="ended")
    identity = files.identity(sign_in="ended")
    sessions.sign_out(desk, sessions.enter(desk, admission, identity, "test"))
    assert refused() == {(401, "no-store")}
    files.sign_in(*ROLES, sign_in="old")
    files.pages.world.clock.advance(days=2)
    assert refused() == {(401, "no-store")}
    assert not files.taken()


def test_nobody_asks_without_end(files: Files) -> None:
    """Neither for what they may have nor for what they may not: both are written down.

    Of what they may not, the first of a minute.
    """

    def entries() -> int:
        with files.pages.world.desk.store.reading() as session:
            return len(session.exec(select(AuditEntry.act)).all())

    for roles, status, written in ((ROLES, 200, 60), (["agent"], 403, DENIALS_A_MINUTE)):
        files.browser.routes = audit_routes(bootstrap.application)
        files.sign_in(*roles, sign_in=str(status))
        before = entries()
        statuses = [files.browser.get(files.links["audit"]).status_code for _ in range(65)]
        assert statuses == [status] * 60 + [429] * 5
        assert entries() - before == written


def test_what_could_not_be_made_is_not_written_down(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody had had it."""

    def fails(*_args: object) -> None:
        raise ArithmeticError

    files.sign_in(*ROLES)
    for kind, (module, name) in {
        "audit": (audit_csv, "audit_csv"),
        "chart": (insights_csv, "insights_csv"),
        "export": (hand_out_export, "_name"),
        "month end": (hand_out_month_end, "write_workbook"),
        "receipt": (hand_out_receipt, "receipt_pdf"),
        "printed receipt": (hand_out_receipt, "printed_receipt"),
    }.items():
        monkeypatch.setattr(module, name, fails)
        with pytest.raises(ArithmeticError):
            files.browser.get(files.links[kind])
    assert not files.taken()


def test_a_forged_filter_of_the_audit_log_is_not_written_down(files: Files) -> None:
    """Somebody else's link may not put words into it."""
    files.sign_in(*ROLES)
    for query in ("user=A+B", "action=A+B", "from=today", "object=a+b", "to=2026-13-01"):
        assert files.browser.get(f"{AUDIT_FILE}?{query}").status_code == 404
    assert not files.taken()
