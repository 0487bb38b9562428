"""Pages that are read from a replica say how old their figures are."""

from datetime import timedelta

import pytest

from components.widgets.plain_text import plain
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import SUPERVISOR, World

SENTENCE = plain("These figures are 7 minutes behind. A payment's own page is up to date.")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "name",
    ["payments", "attempts", "refunds", "disputes", "customers", "balance", "insights"],
)
def test_it_is_said_on_the_page(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Above the figures; and not where they are of now."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: SUPERVISOR)
    world.pay(world.created())
    page = page_of(f"{name}.py").run()
    assert [one.value for one in page.info if "behind" in one.value] == []
    monkeypatch.setattr(world.desk.store, "behind", lambda _: timedelta(minutes=7))
    page.run()
    assert [one.value for one in page.info if "behind" in one.value] == [SENTENCE]
