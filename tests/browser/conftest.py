"""Chromium, and the servers that it visits."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.support.processes import servers
from tests.support.processes.chromium import launch_arguments
from tests.support.processes.identity_provider import IdentityProvider, identity_provider
from tests.support.processes.servers import PUBLISHABLE_KEY, SECRET_KEY, Server, StripeServer
from tests.support.processes.waiting import PATIENCE_SECONDS
from tests.support.secrets.traffic import Traffic

expect.set_options(timeout=PATIENCE_SECONDS * 1000)

# It looks through what all the others left behind.
LAST = "test_nothing_secret_was_kept_or_sent"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.name.startswith(LAST))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium where there is one."""
    return {**browser_type_launch_args, **launch_arguments()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A small laptop's window."""
    return {**browser_context_args, "viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="session")
def traffic(tmp_path_factory: pytest.TempPathFactory) -> Traffic:
    """What travels between the browser and the servers, in all of these tests."""
    return Traffic(tmp_path_factory.mktemp("traffic"))


@pytest.fixture(scope="session")
def browser(browser: Browser, traffic: Traffic) -> Browser:
    """Every page of every context is recorded and waited for, whichever test opens it."""
    browser.on("context", lambda opened: opened.set_default_timeout(PATIENCE_SECONDS * 1000))
    traffic.record(browser)
    return browser


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app as a stranger starts it: no keys, no network."""
    # With its finest lines, since those hold most; the others log as they do by default.
    with servers.app(tmp_path_factory.mktemp("demo"), CARDPAY_LOG_LEVEL="DEBUG") as running:
        yield running


@pytest.fixture(scope="session")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeServer]:
    """A stand-in for Stripe that tells what it was asked."""
    with servers.stripe_server(tmp_path_factory.mktemp("stripe")) as running:
        yield running


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, stripe: StripeServer) -> Iterator[Server]:
    """The app in test mode, against that stand-in."""
    folder = tmp_path_factory.mktemp("desk")
    with servers.app(
        folder,
        STRIPE_SECRET_KEY=SECRET_KEY,
        STRIPE_PUBLISHABLE_KEY=PUBLISHABLE_KEY,
        CARDPAY_STRIPE_API_BASE=stripe.url,
        CARDPAY_LOG_LEVEL="DEBUG",
    ) as running:
        yield running


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """Whose people are named after their roles."""
    with identity_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running
