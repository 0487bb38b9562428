"""A page over a desk of its own, drawn without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cardpay import bootstrap, settings
from cardpay.bootstrap import Application
from tests.support import worlds
from tests.support.worlds import World

PAGES = Path(__file__).resolve().parents[2] / "pages"

Drawing = Callable[[str], AppTest]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk in test mode with a Stripe, both empty."""
    with worlds.world(tmp_path) as made:
        yield made


@pytest.fixture
def page_of(world: World, monkeypatch: pytest.MonkeyPatch) -> Drawing:
    """A page of that desk by its file's name, not drawn yet."""
    application = Application(
        settings=settings.load(_env_file=None),
        desk=world.desk,
        publishable_key=world.sandbox.publishable_key,
        stripe_js_url="/sandbox/v3/stripe.js",
        sandbox=None,
    )
    monkeypatch.setattr(bootstrap, "_application", application)
    return lambda name: AppTest.from_file(str(PAGES / name), default_timeout=20)
