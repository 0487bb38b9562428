"""A page over a desk of its own, drawn without a browser."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import event
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap, settings
from cardpay.bootstrap import Application
from cardpay.domain.stripe_account import Mode
from components.frame import desk_access
from components.operations import background_threads
from components.operations.background_threads import BackgroundWork
from tests.support.desks import worlds
from tests.support.desks.worlds import SUPERVISOR, World
from tests.support.examples import IS_FOR_A_RELEASE
from tests.support.processes.identity_provider import ROLES
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.screens import pressed_form
from tests.support.screens.due_rerun import rerun_due_at_each_press
from tests.support.screens.pressed_form import PressedForm
from tests.support.screens.signed_in_pages import ISSUER, SignedInPages

# Each screen would look for components in all that is installed: longer than it takes to draw it.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

PAGES = Path(__file__).resolve().parents[2] / "pages"

Drawing = Callable[[str], AppTest]


@pytest.fixture(autouse=IS_FOR_A_RELEASE)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a release no press of any page is lost to another run."""
    rerun_due_at_each_press(monkeypatch)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk in test mode with a Stripe, both empty."""
    with worlds.world(tmp_path) as made:
        yield made


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> PressedForm:
    """The card form of Take payment, which is opaque without a browser."""
    return pressed_form.stand_in(monkeypatch)


@pytest.fixture
def page_of(
    world: World, form: PressedForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Drawing:
    """A page of that desk by its file's name, not drawn yet."""
    assert form.told is None
    monkeypatch.setenv("CARDPAY_AUDIT_HEADS", str(tmp_path / "audit-heads.log"))
    application = Application(
        settings=settings.load(_env_file=None),
        desk=world.desk,
        publishable_key=world.sandbox.publishable_key,
        stripe_js_url="/sandbox/v3/stripe.js",
        sandbox=None,
    )
    monkeypatch.setattr(bootstrap, "_application", application)
    monkeypatch.setattr(desk_access, "_origin", lambda: "192.0.2.1")  # there is no browser
    return lambda name: AppTest.from_file(str(PAGES / name), default_timeout=PATIENCE_SECONDS)


@pytest.fixture
def operations(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page Operations for a supervisor, with no work of another test's behind it."""
    monkeypatch.setattr(background_threads, "WORK", BackgroundWork())
    monkeypatch.setattr(desk_access, "current_actor", lambda: SUPERVISOR)
    return page_of("operations.py")


@pytest.fixture
def signed_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> SignedInPages:
    """With one payment, and people who sign in."""
    chosen = settings.load(
        _env_file=None,
        CARDPAY_SIGN_IN="oidc",
        CARDPAY_OIDC_ISSUER=ISSUER,
        CARDPAY_OIDC_ROLES=ROLES,
    )
    application = Application(
        settings=chosen,
        desk=world.desk,
        publishable_key=world.sandbox.publishable_key,
        stripe_js_url="/sandbox/v3/stripe.js",
        sandbox=None,
    )
    monkeypatch.setattr(bootstrap, "_application", application)
    monkeypatch.setattr(desk_access, "_origin", lambda: "192.0.2.1")  # there is no browser
    world.created(order_reference="SO-1")
    statements: list[str] = []
    event.listen(
        world.desk.store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, *_rest: statements.append(statement),
    )
    return SignedInPages(world, statements)


@pytest.fixture
def demo(signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch) -> SignedInPages:
    """The same desk as a demo, without a sign-in."""
    application = bootstrap.application()
    account = replace(application.desk.account, mode=Mode.DEMO)
    monkeypatch.setattr(
        bootstrap,
        "_application",
        replace(
            application,
            settings=settings.load(_env_file=None),
            desk=replace(application.desk, account=account),
        ),
    )
    return signed_in_pages
