"""The Audit log page, drawn without a browser."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from cardpay.services.audit.record_act import record
from cardpay.services.audit.write_heads import write_head
from cardpay.storage.audit.heads_file import HeadsFile
from cardpay.storage.schema.tables import AuditEntry
from components.frame import desk_access
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, SUPERVISOR, World


@pytest.fixture
def screen(page_of: Drawing, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, not drawn yet."""
    monkeypatch.setattr(desk_access, "_origin", lambda: "192.0.2.1")  # there is no browser
    return page_of("audit.py")


def acts(screen: AppTest) -> list[str]:
    """The table, from top to bottom."""
    assert not screen.exception
    return list(screen.dataframe[0].value["Action"]) if screen.dataframe else []


def said(screen: AppTest) -> str:
    """The line about the chain, without what escapes its punctuation."""
    assert not screen.exception
    return screen.markdown[0].value.replace("\\", "")


def stored(world: World, act: str) -> list[dict[str, object]]:
    """What the entries of an act say, first to last."""
    with world.desk.store.reading() as session:
        found = session.exec(
            select(AuditEntry).where(AuditEntry.act == act).order_by(col(AuditEntry.id))
        )
        return [entry.after for entry in found]


def test_looking_is_audited(world: World, screen: AppTest) -> None:
    """Once for a filter, however often the page is drawn; it has no other entry on a new desk."""
    screen.run()
    assert "No entries match" in "".join(one.proto.body for one in screen.get("html"))
    screen.run()
    assert stored(world, "audit.seen") == [{}]
    assert acts(screen) == ["Audit log viewed"]
    screen.selectbox(key="audit.act").set_value("audit.seen").run()
    screen.run()
    assert stored(world, "audit.seen") == [{}, {"act": "audit.seen"}]


def test_what_was_done_is_listed_newest_first(world: World, screen: AppTest) -> None:
    """In words, with what changed."""
    payment = world.pay(world.created()).payment
    screen.run()
    assert acts(screen) == [
        "Payment changed",
        "Payment attempted",
        "Payment changed",
        "Payment created",
    ]
    frame = screen.dataframe[0].value
    assert frame["Changes"].iloc[0] == "status: requires_payment_method → succeeded"
    assert set(frame["Object"]) == {f"payment {payment.payment_id}"}
    assert set(frame["User"]) == {AGENT.actor_id}


def test_filters_narrow_it(world: World, screen: AppTest) -> None:
    """Who, act, subject and days, alone and together."""
    one, two = world.created(order_reference="SO-1"), world.created(order_reference="SO-2")
    _record(world, "operation.give_up", two.payment_id)
    screen.run()
    screen.selectbox(key="audit.who").set_value(SUPERVISOR.actor_id).run()
    assert acts(screen) == ["Operation dismissed"]
    screen.selectbox(key="audit.who").set_value(None).run()
    screen.text_input(key="audit.subject").set_value(one.payment_id).run()
    assert acts(screen) == ["Payment changed", "Payment created"]
    screen.selectbox(key="audit.act").set_value("payment.create").run()
    assert acts(screen) == ["Payment created"]
    screen.date_input(key="audit.from").set_value(date(2024, 3, 1)).run()
    assert "No entries match" in "".join(one.proto.body for one in screen.get("html"))
    screen.date_input(key="audit.from").set_value(date(2024, 2, 29)).run()
    screen.date_input(key="audit.to").set_value(date(2024, 2, 29)).run()
    assert acts(screen) == ["Payment created"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("4242 4242 4242 4242", "looked like a card number"),
        ("Customer One", "Enter a complete ID"),
    ],
)
def test_what_is_no_id_is_refused(world: World, screen: AppTest, typed: str, words: str) -> None:
    """It is neither repeated nor written down."""
    world.created()
    screen.run()
    screen.text_input(key="audit.subject").set_value(typed).run()
    assert words in screen.error[0].value
    assert typed not in screen.error[0].value
    assert typed not in str(stored(world, "audit.seen"))


def test_a_word_that_found_nothing_is_not_written_down(world: World, screen: AppTest) -> None:
    """It may be somebody's name."""
    screen.run()
    screen.text_input(key="audit.subject").set_value("customer").run()
    assert stored(world, "audit.seen")[-1] == {"subject_id": "unknown"}


def test_a_choice_that_was_not_offered_is_none(
    world: World, screen: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit lets a forged text pass that only reads like an option; it is not written down."""
    world.created()
    _record(world, "event.of_a_kind", "evt_1")
    screen.run()

    def forged(field: Selectbox[str]) -> WidgetState:
        return WidgetState(id=field.id, string_value="event_of.a_kind")

    monkeypatch.setattr(Selectbox, "_widget_state", property(forged))
    screen.run()
    assert len(acts(screen)) > 1
    assert stored(world, "audit.seen") == [{}]


def test_older_and_newer_turn_the_page(world: World, screen: AppTest) -> None:
    """Fifty a page; another filter begins at the newest entry again."""
    for number in range(60):
        _record(world, "event.retry", f"evt_{number}")
    screen.run()
    newer, older = screen.button
    assert (newer.disabled, older.disabled) == (True, False)
    older.click().run()
    assert screen.dataframe[0].value["Object"].iloc[-1] == "payment evt_0"
    screen.button[0].click().run()
    assert len(acts(screen)) == 50
    screen.button[1].click().run()
    screen.selectbox(key="audit.who").set_value(SUPERVISOR.actor_id).run()
    assert screen.dataframe[0].value["Object"].iloc[0] == "payment evt_59"


def test_the_state_of_the_chain(world: World, screen: AppTest, tmp_path: Path) -> None:
    """How long it is; and an error once its head is not written down."""
    _record(world, "event.retry", "evt_1")
    screen.run()
    assert "1 entries in the hash chain, the last one just now." in said(screen)
    world.clock.advance(minutes=2)
    screen.run()
    assert "hasn't been written to its file since 29 Feb 2024" in screen.error[0].value
    write_head(world.desk.store, HeadsFile(tmp_path / "audit-heads.log"), world.desk.now)
    screen.run()
    assert not screen.error
    assert "2 entries in the hash chain, the last one 2 minutes ago." in said(screen)


def _record(world: World, act: str, subject_id: str) -> None:
    with world.desk.store.transaction() as session:
        record(session, SUPERVISOR, act, ("payment", subject_id), at=world.desk.now())
