"""Runs the contract tests against the sandbox and, with a test key, against Stripe itself.

Whatever the sandbox answers or sends in a test keeps to the types of Stripe's SDK (`schema/`).

`CARDPAY_TEST_STRIPE_KEY=sk_test_…` runs every test that is not marked `sandbox_only` against
Stripe's test mode as well.
"""

import os
from collections.abc import Iterator

import pytest
import stripe

from tests.contract.api import API_VERSION, Api, client_of
from tests.contract.schema.checked_sandbox import CheckedSandbox
from tests.contract.serving import served_sandbox

TEST_KEY = os.environ.get("CARDPAY_TEST_STRIPE_KEY", "")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, for `--strict-markers`."""
    config.addinivalue_line(
        "markers", "sandbox_only(reason): needs what Stripe's test mode does not offer"
    )


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[CheckedSandbox, str]]:
    """A sandbox on a free port."""
    with served_sandbox() as served:
        yield served


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
    yield Api(client_of(sandbox, base), base, sandbox)
    assert sandbox.take_violations() == []
