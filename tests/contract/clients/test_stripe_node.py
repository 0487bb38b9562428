"""npm `stripe` 23, as installed."""

import json
import os
import subprocess

import pytest

from tests.benchmarks.ingest.contenders import PEERS, Surroundings
from tests.benchmarks.peers import installing
from tests.contract.api import Api
from tests.contract.clients import accounts

pytestmark = pytest.mark.full


def test_it_pays_refunds_and_reads(account: Api, around: Surroundings) -> None:
    """Its objects are what the account holds."""
    held = {name: accounts.listed(account, name) for name in accounts.LISTS}
    assert all(held.values())
    settings = {
        "NODE_PATH": str(installing.stripe_types(around.cache)),
        "PEER_API_BASE": around.api_base,
        "PEER_SECRET_KEY": around.secret_key,
    }

    said = subprocess.run(
        ["node", str(PEERS / "stripe_node.cjs")],
        env={**os.environ, **settings},
        check=True,
        stdout=subprocess.PIPE,
    ).stdout

    seen = json.loads(said)
    assert seen["paid"]["latest_charge"]["amount"] == 1500
    assert seen["refund"]["charge"] == seen["paid"]["latest_charge"]["id"]
    assert seen["lists"] == held
