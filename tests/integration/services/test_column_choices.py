"""Which columns a person sees of a list is kept for that person and that list."""

from sqlmodel import col, select

from cardpay.domain.access.column_rules import ListName
from cardpay.services.column_choices import choose_columns, chosen_columns, reset_columns
from cardpay.storage.schema.tables import ColumnChoice
from tests.support.desks.worlds import AGENT, ANALYST, World


def test_a_choice_is_one_persons_of_one_list(world: World) -> None:
    """In the order in which it was made; the last one holds, and none is another thing."""
    choose_columns(world.desk, AGENT, ListName.PAYMENTS, ["fee", "net"])
    choose_columns(world.desk, AGENT, ListName.PAYMENTS, ["net", "amount-of", "fee"])
    choose_columns(world.desk, ANALYST, ListName.REFUNDS, [])
    assert chosen_columns(world.desk, AGENT, ListName.PAYMENTS) == ("net", "amount-of", "fee")
    assert chosen_columns(world.desk, AGENT, ListName.REFUNDS) is None
    assert chosen_columns(world.desk, ANALYST, ListName.PAYMENTS) is None
    assert chosen_columns(world.desk, ANALYST, ListName.REFUNDS) == ()


def test_a_reset_leaves_nothing(world: World) -> None:
    """Twice, too."""
    choose_columns(world.desk, AGENT, ListName.PAYMENTS, ["fee"])
    choose_columns(world.desk, ANALYST, ListName.PAYMENTS, ["net"])
    reset_columns(world.desk, AGENT, ListName.PAYMENTS)
    reset_columns(world.desk, AGENT, ListName.PAYMENTS)
    assert chosen_columns(world.desk, AGENT, ListName.PAYMENTS) is None
    with world.desk.store.reading() as session:
        left = session.exec(select(ColumnChoice).order_by(col(ColumnChoice.actor_id))).all()
    assert [(one.actor_id, one.list_name) for one in left] == [("analyst-1", ListName.PAYMENTS)]


def test_what_is_no_name_of_a_column_is_not_kept(world: World) -> None:
    """A browser can send anything: nothing with a digit, nothing long, nothing without end."""
    forged = ["fee", "4242424242424242", "Fee", "fee net", "x" * 40, "", "fee"]
    many = ["a" * length for length in range(1, 32)] + ["b" * length for length in range(1, 32)]
    choose_columns(world.desk, AGENT, ListName.PAYMENTS, [*forged, *many])
    kept = chosen_columns(world.desk, AGENT, ListName.PAYMENTS)
    assert kept is not None
    assert (kept[0], len(kept)) == ("fee", 60)
    assert not any(character.isdigit() or len(name) > 31 for name in kept for character in name)
