"""Which API version an event has to be in for its own fields to be read."""

import pytest

from cardpay.domain.stripe_facts.events import fields_are_read

OURS = "2026-10-28.endive"


@pytest.mark.parametrize(
    ("version", "read"),
    [(OURS, True), ("2026-10-28", False), ("2024-06-20", False), (None, False)],
)
def test_only_our_own_version(version: str | None, read: bool) -> None:
    """An older one, a newer one and none at all leave the type and the ids."""
    assert fields_are_read(version, OURS) is read
