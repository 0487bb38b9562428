"""Runs the contract tests against the sandbox and, with a test key, against Stripe itself.

Whatever the sandbox answers or sends in a test keeps to the types of Stripe's SDK (`schema/`).

`CARDPAY_TEST_STRIPE_KEY=sk_test_…` runs every test that is not marked `sandbox_only` against
Stripe's test mode as well.
"""

import os
import socket
from collections.abc import Iterator
from threading import Event, Thread

import pytest
import stripe
import uvicorn

from cardpay.sandbox import make_asgi_app
from tests.contract.api import Api
from tests.contract.schema.checked_sandbox import CheckedSandbox

API_VERSION = "2026-10-28.endive"
TEST_KEY = os.environ.get("CARDPAY_TEST_STRIPE_KEY", "")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, for `--strict-markers`."""
    config.addinivalue_line(
        "markers", "sandbox_only(reason): needs what Stripe's test mode does not offer"
    )


class _Server(uvicorn.Server):
    """A uvicorn server that sets an event when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[CheckedSandbox, str]]:
    """A sandbox on a free port."""
    sandbox = CheckedSandbox()
    # Named as TCP, or asyncio leaves Nagle's algorithm on: 40 ms a reply.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = _Server(
        uvicorn.Config(
            make_asgi_app(sandbox, control=True),
            log_level="critical",
            access_log=False,
            lifespan="off",
        )
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert server.listening.wait(10)
    yield sandbox, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)
    sandbox.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run against the sandbox, and with a key against Stripe unless the test is `sandbox_only`."""
    if "api" in metafunc.fixturenames:
        sandbox_only = metafunc.definition.get_closest_marker("sandbox_only") is not None
        with_stripe = bool(TEST_KEY) and not sandbox_only
        metafunc.parametrize("api", ["sandbox", "stripe"][: 1 + with_stripe], indirect=True)


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The API by Stripe's SDK, without the SDK's retries.

    At the end of a test, all that the sandbox answered and sent has to keep to Stripe's types.
    """
    if request.param == "stripe":
        client = stripe.StripeClient(TEST_KEY, stripe_version=API_VERSION, max_network_retries=0)
        yield Api(client, "https://api.stripe.com", None)
        return
    sandbox, base = request.getfixturevalue("served")
    sandbox.reset()
    sandbox.moto = True
    client = stripe.StripeClient(
        sandbox.secret_key,
        base_addresses={"api": base},
        stripe_version=API_VERSION,
        http_client=stripe.RequestsClient(timeout=5),
        max_network_retries=0,
    )
    yield Api(client, base, sandbox)
    assert sandbox.take_violations() == []
