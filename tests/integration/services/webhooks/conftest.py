"""A world whose Stripe tells its events to the desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import worlds
from tests.support.desks.worlds import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk and a Stripe, both empty."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        yield made
