"""Every page and every role, by every way in: what is not somebody's is neither drawn nor run."""

from dataclasses import replace
from uuid import uuid4

import pytest
from _pytest.mark import ParameterSet
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap, settings
from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import PERMISSIONS, RECENT_HOURS, Role
from cardpay.domain.access.sign_in import read_identity
from cardpay.services.access import sessions
from components.frame.page_list import PAGES, DeskPage
from tests.support.screens.signed_in_pages import SignedInPages

EVERY_ROLE = [pytest.param(role, id=role.value) for role in Role]
# By its address, in another process, with a cookie: tests/browser/test_roles.py.
WAYS_IN = ["first visit", "own file", "forged state"]
NOBODY = ["nobody", "stranger", "malformed"]


def _each_page_with_a_role() -> list[ParameterSet]:
    """Every role on every page for a release; before a merge each page with one role in turn."""
    return [
        pytest.param(
            desk_page,
            role,
            id=f"{desk_page.name}-{role.value}",
            marks=[] if (number + column) % len(Role) == 0 else [pytest.mark.full],
        )
        for number, desk_page in enumerate(PAGES)
        for column, role in enumerate(Role)
    ]


def is_theirs(desk_page: DeskPage, *roles: Role) -> bool:
    """Whether the table gives one of the roles this page."""
    return any(desk_page.permission in PERMISSIONS[role] for role in roles)


def titles(screen: AppTest) -> list[str]:
    """The headings on screen; a page that failed is no answer."""
    assert not screen.exception
    return [title.value for title in screen.title]


def visited(signed_in_pages: SignedInPages, desk_page: DeskPage, role: Role, way: str) -> AppTest:
    """The screen after one way in, with nothing counted but its last run."""
    user = signed_in_pages.claims(role.value)
    if way == "own file":
        return signed_in_pages.bare(user, desk_page).run()
    screen = signed_in_pages.shell(user)
    if way == "forged state":
        for key in ("cardpay.chosen_role", "cardpay.actor", "roles", "actor", "user"):
            screen.session_state[key] = ["analyst", "agent", "supervisor", "admin"]
    signed_in_pages.forget()
    return opened(screen, desk_page)


def opened(screen: AppTest, desk_page: DeskPage) -> AppTest:
    """The screen after a click on the page's link, or a mere rerun where there is no link."""
    screen.query_params.clear()  # as the browser does at a switch of pages
    try:
        screen.switch_page(str(desk_page.file))
    except ValueError:  # AppTest knows only pages of the navigation that was drawn
        return screen.run()
    return screen.run()


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_role_opens_its_pages_alone(signed_in_pages: SignedInPages, role: Role) -> None:
    """From page to page: whoever may not open one stays on a page of theirs."""
    screen = signed_in_pages.shell(signed_in_pages.claims(role.value)).run()
    for desk_page in PAGES:
        before = titles(screen)
        opened(screen, desk_page)
        if is_theirs(desk_page, role):
            assert titles(screen) == [desk_page.title]
        else:
            assert titles(screen) in ([], before)
            assert desk_page.title not in titles(screen)


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_pages_own_file_runs_for_its_roles_alone(
    signed_in_pages: SignedInPages, role: Role
) -> None:
    """Whoever may not open it gets a sentence; nothing of it runs."""
    user = signed_in_pages.claims(role.value)
    for desk_page in PAGES:
        signed_in_pages.forget()
        screen = signed_in_pages.bare(user, desk_page).run()
        if is_theirs(desk_page, role):
            assert titles(screen) == [desk_page.title]
        else:
            assert titles(screen) == []
            assert "have access to the page" in screen.error[0].value
            assert signed_in_pages.read_of_the_books == []


@pytest.mark.sampled(2)
@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.parametrize(("desk_page", "role"), _each_page_with_a_role())
def test_a_new_session_opens_its_roles_pages_alone(
    signed_in_pages: SignedInPages, desk_page: DeskPage, role: Role, way: str
) -> None:
    """However it begins; the database is asked nothing for what is not theirs."""
    screen = visited(signed_in_pages, desk_page, role, way)
    if is_theirs(desk_page, role):
        assert titles(screen) == [desk_page.title]
    elif way == "own file":
        assert titles(screen) == []
        assert signed_in_pages.read_of_the_books == []
    else:
        first = next(other for other in PAGES if is_theirs(other, role))
        assert titles(screen) in ([], [first.title])
        assert desk_page.title not in titles(screen)


@pytest.mark.parametrize("way", ["first visit", "own file"])
@pytest.mark.parametrize("who", NOBODY)
def test_nobody_else_gets_anything(signed_in_pages: SignedInPages, who: str, way: str) -> None:
    """Without a sign-in, without a role or with a token that is none: no line of a page runs."""
    user = {
        "nobody": None,
        "stranger": signed_in_pages.claims(),
        "malformed": {**signed_in_pages.claims("admin"), "exp": "never"},
    }[who]
    for desk_page in PAGES:
        signed_in_pages.forget()
        if way == "own file":
            assert titles(signed_in_pages.bare(user, desk_page).run()) == []
        else:
            screen = signed_in_pages.shell(user, desk_page).run()
            assert titles(screen) == [bootstrap.application().settings.company.name]
            ways_on = [button.label for button in screen.button]
            assert ways_on == ["Sign out" if who == "stranger" else "Sign in"]
        assert signed_in_pages.read_of_the_books == []


def test_with_live_keys_and_no_sign_in_nobody_gets_anything(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the script was started without the start that refuses these settings."""
    live = settings.load(
        _env_file=None,
        STRIPE_SECRET_KEY="rk_live_51AbCdEfGhIjKlMnOp",
        STRIPE_PUBLISHABLE_KEY="pk_live_51AbCdEfGhIjKlMnOp",
        CARDPAY_SIGN_IN="off",
    )
    application = replace(bootstrap.application(), settings=live)
    monkeypatch.setattr(bootstrap, "_application", application)
    signed_in_pages.forget()
    for desk_page in PAGES:
        bare = signed_in_pages.bare(None, desk_page).run()
        assert titles(bare) == []
        assert "cannot be off with live keys" in bare.error[0].value
        door = signed_in_pages.shell(None, desk_page).run()
        assert titles(door) == [bootstrap.application().settings.company.name]
        assert "cannot be off with live keys" in door.warning[0].value
        assert not bare.button
        assert not door.button
    assert signed_in_pages.read_of_the_books == []


@pytest.mark.parametrize(("desk_page", "role"), _each_page_with_a_role())
def test_a_sign_out_in_another_tab_ends_this_one(
    signed_in_pages: SignedInPages, desk_page: DeskPage, role: Role
) -> None:
    """The next run of an open page is the door, whoever's it was, and what was typed is gone."""
    user = signed_in_pages.claims(role.value)
    screen = signed_in_pages.shell(user)
    screen.run()
    screen.session_state["cardpay.typed"] = ("draft", {"customer_name": "Customer One"})
    _sign_out(signed_in_pages, user)
    signed_in_pages.forget()
    opened(screen, desk_page)
    assert titles(screen) == [bootstrap.application().settings.company.name]
    assert "ve signed out" in screen.warning[0].value
    assert signed_in_pages.read_of_the_books == []
    assert "cardpay.typed" not in screen.session_state


def _sign_out(signed_in_pages: SignedInPages, user: dict[str, object]) -> Actor:
    identity = read_identity(user, "groups")
    assert identity is not None
    desk = signed_in_pages.world.desk
    person = sessions.enter(desk, bootstrap.application().settings.admission, identity, "test")
    sessions.sign_out(desk, person)
    return person


def test_a_denied_page_is_audited(signed_in_pages: SignedInPages) -> None:
    """Who tried, and what for; no name."""
    desk_page = next(desk_page for desk_page in PAGES if desk_page.name == "settings")
    signed_in_pages.bare(signed_in_pages.claims("agent"), desk_page).run()
    with signed_in_pages.world.desk.store.reading() as reading:
        rows = reading.connection().exec_driver_sql(
            "SELECT act, actor_id, subject_id FROM audit_entry ORDER BY id DESC LIMIT 1"
        )
        ((act, actor_id, subject_id),) = rows.all()
    assert (act, subject_id) == ("denied", "view_settings")
    assert actor_id.startswith("person-")


def with_open_menu(demo: SignedInPages) -> AppTest:
    """The demo, with its menu open."""
    screen = demo.shell(None)
    screen.session_state["demo-menu"] = True
    return screen.run()


def test_the_demo_begins_with_every_role(demo: SignedInPages) -> None:
    """All pages, and a switch in the menu that shows what each role sees."""
    screen = with_open_menu(demo)
    assert titles(screen) == ["Take payment"]
    assert screen.button_group(key="cardpay.demo.role").value == "all"


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_the_demo_shows_what_each_role_sees(demo: SignedInPages, role: Role) -> None:
    """The switch takes roles away, on each page and in its use cases."""
    screen = with_open_menu(demo)
    screen.button_group(key="cardpay.demo.role").set_value(role).run()
    assert titles(screen)[0] == next(one.title for one in PAGES if is_theirs(one, role))
    for desk_page in PAGES:
        opened(screen, desk_page)
        assert (desk_page.title in titles(screen)) == is_theirs(desk_page, role)


def test_the_settings_page_shows_no_secret_and_is_audited(signed_in_pages: SignedInPages) -> None:
    """Of a secret, only whether it is set."""
    desk_page = next(desk_page for desk_page in PAGES if desk_page.name == "settings")
    screen = signed_in_pages.bare(signed_in_pages.claims("admin"), desk_page).run()
    shown = "".join(element.proto.body for element in screen.get("html"))
    assert "CARDPAY_OIDC_ISSUER" in shown
    assert "CARDPAY_OIDC_COOKIE_SECRET" in shown
    with signed_in_pages.world.desk.store.reading() as reading:
        acts = reading.connection().exec_driver_sql("SELECT act FROM audit_entry").all()
    assert ("settings.seen",) in acts


def test_a_link_to_what_is_not_theirs_is_audited(signed_in_pages: SignedInPages) -> None:
    """Once for a screen, however often it is drawn; what does not exist leaves no entry."""
    with signed_in_pages.world.desk.store.reading() as reading:
        ((payment_id,),) = reading.connection().exec_driver_sql("SELECT id FROM payment").all()
    signed_in_pages.world.clock.advance(hours=RECENT_HOURS + 1)
    desk_page = next(desk_page for desk_page in PAGES if desk_page.name == "payment")
    screen = signed_in_pages.bare(signed_in_pages.claims("agent"), desk_page)
    for given in (str(uuid4()), payment_id):
        screen.query_params["payment"] = given
        for _ in range(2):
            screen.run()
            assert "Payment not found" in screen.warning[0].value
    with signed_in_pages.world.desk.store.reading() as reading:
        rows = reading.connection().exec_driver_sql(
            "SELECT subject_kind, subject_id FROM audit_entry WHERE act = 'denied'"
        )
        assert [tuple(row) for row in rows] == [("payment", payment_id)]
