"""A demo with its last days, whose Stripe does as it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cardpay import bootstrap
from cardpay.bootstrap import Application
from cardpay.sandbox import Sandbox
from cardpay.settings import load


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Application]:
    """The demo; its webhooks are delivered and applied when a test says so."""
    folder: Path = tmp_path_factory.mktemp("demo")
    made = bootstrap.build(
        load(
            _env_file=None,
            CARDPAY_DATABASE_URL=f"sqlite:///{folder / 'demo.db'}",
            CARDPAY_DEMO_MONTHS=0,
        )
    )
    yield made
    made.close()


@pytest.fixture
def sandbox(running: Application) -> Sandbox:
    """Its simulated Stripe."""
    assert running.sandbox is not None
    return running.sandbox
