"""`python -m cardpay sandbox`."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from cardpay.sandbox.command_line import sandbox
from tests.support.processes.waiting import PATIENCE_SECONDS


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings that the command prints, while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cardpay", "sandbox", "--port", str(port), "--no-moto",
               "--database", str(tmp_path / "state.db")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        head = process.stdout.readline()
        printed = dict(process.stdout.readline().strip().split("=", 1) for _ in range(4))
        yield {"head": head, **printed}
        process.terminate()


def test_it_serves_what_it_prints(served: dict[str, str]) -> None:
    """The printed URL and key work. With `--no-moto` telephone orders are rejected."""
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(connect=20, backoff_factor=0.05)))
    session.auth = (served["STRIPE_SECRET_KEY"], "")
    base = served["CARDPAY_STRIPE_API_BASE"]

    account = session.get(f"{base}/v1/account", timeout=PATIENCE_SECONDS).json()
    refused = session.post(
        f"{base}/v1/payment_intents",
        data={
            "amount": 1000,
            "currency": "usd",
            "allowed_payment_method_types[]": "card",
            "payment_method": "pm_card_visa",
            "confirm": "true",
            "payment_method_options[card][moto]": "true",
        },
        timeout=PATIENCE_SECONDS,
    )

    assert account["id"] in served["head"]
    assert refused.json()["error"]["code"] == "parameter_unknown"
    assert session.get(f"{base}/_control/clock", timeout=PATIENCE_SECONDS).status_code == 200


def test_a_port_that_there_is_not() -> None:
    """Is said to be wrong before anything starts."""
    asked = CliRunner().invoke(sandbox, ["--port", "65536"])
    assert (asked.exit_code, "--port" in asked.output) == (2, True)
