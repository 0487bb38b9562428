"""The demo's menu, which is nowhere but in the demo."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from cardpay import bootstrap
from cardpay.demo.controls.controls import Controls
from cardpay.demo.controls.stripe_behaviour import Answering, answering, set_answering
from cardpay.demo.past.older_past import OlderPast, PastProgress
from cardpay.domain.access.permissions import PERMISSIONS, Role
from cardpay.sandbox import Sandbox
from components.demo import demo_menu, stripe_controls
from components.frame import session_state
from components.frame.page_list import AUDIT
from tests.pages.conftest import Drawing
from tests.support.screens.signed_in_pages import SignedInPages

OPEN = {"demo-menu": True}


def opened(pages: SignedInPages, user: dict[str, object] | None = None) -> AppTest:
    """The desk with the menu open, or as open as a forged state makes it."""
    screen = pages.shell(user)
    for key, value in OPEN.items():
        screen.session_state[key] = value
    screen.run()
    assert not screen.exception
    return screen


def drawn(screen: AppTest) -> set[str]:
    """The keys of the demo's own widgets."""
    return {
        str(widget.key)
        for kind in (screen.button, screen.button_group)
        for widget in kind
        if str(widget.key).startswith("cardpay.demo")
    }


def places(screen: AppTest) -> dict[str, list[int]]:
    """Where the page's title, the menu and its test cards stand in the tree, step by step."""
    found: dict[str, list[int]] = {}

    def walk(block: Block, place: list[int]) -> None:
        for step, child in block.children.items():
            if name := getattr(child, "key", None) or type(child).__name__:
                found.setdefault(str(name), [*place, step])
            if isinstance(child, Block):
                walk(child, [*place, step])

    walk(screen.main, [])
    return {name: found[name] for name in ("Title", "corner", "demo-menu", "cardpay.demo.cards")}


@pytest.fixture
def simulated(demo: SignedInPages, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A demo's Stripe, in memory."""
    made = Sandbox()
    application = bootstrap.application()
    past = OlderPast(application.desk, made)
    simulated = replace(application, sandbox=made, older_past=past)
    monkeypatch.setattr(bootstrap, "_application", simulated)
    return made


def test_the_menu_changes_what_stripe_does(demo: SignedInPages, simulated: Sandbox) -> None:
    """From the press on, for everybody."""
    screen = opened(demo)
    assert drawn(screen) >= {"cardpay.demo.role", "cardpay.demo.Answering", "cardpay.demo.reset"}
    screen.button_group(key="cardpay.demo.Answering").set_value(Answering.SLOW).run()
    assert answering(simulated) is Answering.SLOW


def test_what_comes_and_goes_above_the_page_has_its_place(
    demo: SignedInPages, simulated: Sandbox
) -> None:
    """Else the page would be at another one, and a card form with a typed card mounted anew."""
    older_past = bootstrap.application().older_past
    assert older_past is not None
    older_past.progress = PastProgress(0.5, datetime.now(UTC))
    screen = opened(demo)
    before = places(screen)
    older_past.progress = None
    set_answering(simulated, Answering.SLOW)
    screen.session_state["cardpay.tour_step"] = 1
    screen.run()
    assert not screen.exception
    assert places(screen) == before


def test_the_tour_goes_back_too(demo: SignedInPages) -> None:
    """From every step but the first; the last one ends it."""
    screen = opened(demo)
    screen.button(key="cardpay.demo.tour").click().run()
    back = "cardpay.demo.tour.back"
    assert screen.button(key=back).disabled
    screen.button(key="cardpay.demo.tour.next").click().run()
    screen.button(key=back).click().run()
    assert [one.value for one in screen.markdown if one.value.startswith("**Step 1 of")]
    for _ in range(5):
        screen.button(key="cardpay.demo.tour.next").click().run()
    assert back not in drawn(screen)


def test_one_role_is_shown(demo: SignedInPages) -> None:
    """And all again."""
    screen = opened(demo)
    screen.button_group(key="cardpay.demo.role").set_value(Role.ANALYST).run()
    assert screen.title[0].value == "Payments"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the browser bring a role that it has kept, or that somebody has made up."""
    return lambda role: monkeypatch.setattr(
        type(st.context), "cookies", {session_state.ROLE_COOKIE: role}
    )


def test_a_kept_role_is_shown(demo: SignedInPages, kept: Callable[[str], None]) -> None:
    """In the demo, from the first draw on."""
    kept("analyst")
    assert demo.shell(None).run().title[0].value == "Payments"


def test_a_kept_role_gives_none(kept: Callable[[str], None]) -> None:
    """Even in the demo it is one of those that are held, or nothing."""
    held = frozenset({Role.AGENT, Role.ANALYST})
    for role, shown in (("admin", held), ("agent", {Role.AGENT}), ("root", held), ("", held)):
        kept(role)
        assert session_state.shown_roles(held) == shown


@pytest.mark.parametrize("role", Role)
def test_where_people_sign_in_a_kept_role_is_nothing(
    signed_in_pages: SignedInPages, role: Role, kept: Callable[[str], None]
) -> None:
    """Neither more than theirs nor less."""
    for made_up in Role:
        kept(made_up)
        screen = signed_in_pages.bare(signed_in_pages.claims(role.value), AUDIT).run()
        assert bool(screen.title) is (AUDIT.permission in PERMISSIONS[role])


def test_where_sign_in_is_off_for_tests_a_kept_role_is_nothing(
    page_of: Drawing, kept: Callable[[str], None]
) -> None:
    """Outside the demo, all that everybody holds."""
    kept("agent")
    assert page_of("audit.py").run().title[0].value == "Audit log"


@pytest.mark.parametrize("role", Role)
def test_outside_the_demo_there_is_no_menu(signed_in_pages: SignedInPages, role: Role) -> None:
    """Whoever is signed in, and whatever their session says."""
    screen = opened(signed_in_pages, signed_in_pages.claims(role.value))
    assert drawn(screen) == set()
    assert not [one for one in screen.markdown if one.value.startswith("**Demo.**")]


def test_a_choice_after_a_new_beginning_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit may call for a choice that "Reset now" has just made it forget."""
    monkeypatch.setattr("streamlit.session_state", {})
    chosen: list[str] = []
    demo_menu._choose()
    stripe_controls._changed("cardpay.demo.Answering", chosen.append)
    assert chosen == []


def test_beginning_again_is_said_on_a_fresh_page(
    demo: SignedInPages, simulated: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was on screen is forgotten with the rest, although it was unfinished."""
    monkeypatch.setattr(Controls, "begin_again", lambda _: None)
    assert not simulated.faults.pending()
    screen = opened(demo)
    before = screen.query_params["payment"]
    screen.button(key="cardpay.demo.reset").click().run()
    assert not screen.exception
    assert [one.value for one in screen.toast] == ["The demo has begun again."]
    assert screen.query_params["payment"] != before
    screen.run()
    assert not screen.toast
