"""An account with a past, and a PostgreSQL for the clients that store it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.ingest.contenders import Surroundings
from tests.benchmarks.peers import installing
from tests.contract.api import Api, client_of
from tests.contract.clients import accounts
from tests.contract.serving import served_sandbox
from tests.support.databases import postgresql


@pytest.fixture
def new_account() -> Iterator[Api]:
    """An empty account. All that it answers and sends keeps to Stripe's types."""
    with served_sandbox() as (sandbox, base):
        yield Api(client_of(sandbox, base), base, sandbox)
        assert sandbox.take_violations() == []


@pytest.fixture
def account(new_account: Api) -> Api:
    """An account with a past."""
    accounts.fill(new_account)
    return new_account


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server."""
    with postgresql.cluster() as running:
        yield running


@pytest.fixture
def around(new_account: Api, cluster: postgresql.Cluster, tmp_path: Path) -> Surroundings:
    """What the clients stand on: the account and the server."""
    sandbox = new_account.sandbox
    assert sandbox is not None
    return Surroundings(
        cluster,
        tmp_path,
        new_account.base,
        sandbox.secret_key,
        sandbox.publishable_key,
        installing.default_cache(),
    )
