"""The page Sessions: who is signed in, and out they go, with what they have open."""

from dataclasses import replace

import pytest
from sqlmodel import select

from cardpay import bootstrap
from cardpay.identity_provider import openid_provider
from cardpay.services.access import sessions
from cardpay.storage.schema.session_tables import SignInSession
from components.frame.page_list import PAYMENTS, SESSIONS
from tests.support.processes.identity_provider import GROUPS
from tests.support.processes.openid_stand_in import openid_stand_in
from tests.support.screens.signed_in_pages import SignedInPages


def test_an_administrator_sees_who_is_signed_in(signed_in_pages: SignedInPages) -> None:
    """Who, as what, since when, from where and with which browser; those at work alone."""
    signed_in_pages.claims("agent")
    signed_in_pages.world.clock.advance(minutes=31)
    signed_in_pages.claims("supervisor", "analyst")
    signed_in_pages.world.clock.advance(minutes=5)
    screen = signed_in_pages.shell(signed_in_pages.claims("admin"), SESSIONS).run()
    assert not screen.exception
    frame = screen.dataframe[0].value
    assert list(frame["Roles"]) == ["Admin", "Analyst, supervisor"]
    assert list(frame["Person"]) == ["Person One"] * 2
    assert list(frame["Last seen"]) == ["just now", "5 minutes ago"]
    assert set(frame["From"]) == {"192.0.2.1"}
    assert set(frame["Browser"]) == {"Firefox"}


def test_an_ended_session_is_out_at_its_next_act(signed_in_pages: SignedInPages) -> None:
    """The page that is open turns into the door; the administrator's own stays."""
    agent = signed_in_pages.shell(signed_in_pages.claims("agent"), PAYMENTS).run()
    assert [title.value for title in agent.title] == ["Payments"]
    screen = signed_in_pages.shell(signed_in_pages.claims("admin"), SESSIONS).run()
    with signed_in_pages.world.desk.store.reading() as session:
        found = session.exec(select(SignInSession).where(SignInSession.roles == "agent")).one()
    screen.selectbox(key="sessions.choice").set_value(found.id).run()
    screen.button(key="sessions.end").click().run()
    assert "Ended 1 session" in screen.success[0].value
    assert list(screen.dataframe[0].value["Roles"]) == ["Admin"]
    agent.run()
    assert "signed out by an administrator" in agent.warning[0].value
    assert [title.value for title in agent.title] != ["Payments"]
    assert [title.value for title in screen.run().title] == ["Sessions"]


def test_everybody_is_signed_out_after_a_question(signed_in_pages: SignedInPages) -> None:
    """The administrator too, who sees the door."""
    agent = signed_in_pages.shell(signed_in_pages.claims("agent"), PAYMENTS).run()
    screen = signed_in_pages.shell(signed_in_pages.claims("admin"), SESSIONS).run()
    screen.button(key="open.sessions.all").click().run()
    assert len(screen.dataframe[0].value) == 2
    screen.button(key="sessions.all").click().run()
    for out in (screen, agent.run()):
        assert "signed out by an administrator" in out.warning[0].value


def test_a_page_waits_for_a_silent_provider(
    signed_in_pages: SignedInPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a quarter of an hour it says so, and is there again at the first answer."""
    with openid_stand_in(groups=[GROUPS["agent"]]) as there:
        provider = there.provider()
        application = replace(bootstrap.application(), identity_provider=provider)
        monkeypatch.setattr(bootstrap, "_application", application)
        monkeypatch.setattr(openid_provider, "_PAUSE_SECONDS", 0.0)
        answer = there.signs_in(provider)
        desk = signed_in_pages.world.desk
        sessions.begin(desk, application.admission, answer, "192.0.2.1", "Firefox")
        user = {**answer.sign_in, "is_logged_in": True}
        screen = signed_in_pages.shell(user, PAYMENTS).run()
        assert [title.value for title in screen.title] == ["Payments"]
        there.status, there.payload = 503, b"down"
        signed_in_pages.world.clock.advance(minutes=14)
        assert [title.value for title in screen.run().title] == ["Payments"]
        signed_in_pages.world.clock.advance(minutes=2)
        assert "check your access" in screen.run().warning[0].value
        there.status, there.payload = 200, None
        screen.button[0].click().run()
        assert [title.value for title in screen.title] == ["Payments"]
