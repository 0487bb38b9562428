"""A world for each test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cardpay.domain.payment.limit_rules import Limits
from tests.support.desks import worlds
from tests.support.desks.worlds import World


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A desk and a Stripe, both empty."""
    with worlds.world(tmp_path, database_url=database_url) as made:
        yield made


@pytest.fixture
def world_with_limits(tmp_path: Path, database_url: str) -> Iterator[Callable[..., World]]:
    """A world with the limits that it is called with, and no others."""
    window = timedelta(minutes=30)
    with ExitStack() as open_worlds:

        def make(**allowed: Any) -> World:
            limits = Limits(**allowed, decline_window=window)
            made = worlds.world(tmp_path, database_url=database_url, limits=limits)
            return open_worlds.enter_context(made)

        yield make
