"""The schema is what the generator makes of Stripe's types today."""

import subprocess
from pathlib import Path

import pytest

from tests.benchmarks.peers import installing
from tests.contract.schema import stripe_schema

GENERATOR = Path(__file__).with_name("generate.cjs")


@pytest.mark.full
def test_it_is_not_stale(tmp_path: Path) -> None:
    """`node tests/contract/schema/generate.cjs NODE_MODULES` writes the file that is here."""
    modules = installing.stripe_types(installing.default_cache())

    made = subprocess.run(
        ["node", str(GENERATOR), str(modules)], check=True, capture_output=True, text=True
    ).stdout

    assert made == stripe_schema.FILE.read_text(encoding="utf-8")
