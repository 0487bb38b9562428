"""The sandbox as a whole: what it stores, what a reset deletes, and what it never stores."""

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time
from urllib.parse import urlencode

import pytest

from cardpay.sandbox import ConnectionDropped, Reply, Sandbox
from tests.unit.sandbox.conftest import Ask

CARD = "4242424242424242"
CVC = "987"


def _type_card(sandbox: Sandbox, key: str | None = None) -> Reply:
    fields = {"type": "card", "card[number]": CARD, "card[exp_month]": "12",
              "card[exp_year]": "2040", "card[cvc]": CVC}  # fmt: skip
    headers = {"Authorization": f"Bearer {sandbox.publishable_key}"}
    if key:
        headers["Idempotency-Key"] = key
    return sandbox.handle("POST", "/v1/payment_methods", headers, urlencode(fields).encode())


def test_state_survives_a_restart(tmp_path: Path) -> None:
    """The account, its keys and its objects are in the file."""
    first = Sandbox(tmp_path / "state.db")
    made = json.loads(_type_card(first).body)
    first.close()

    second = Sandbox(tmp_path / "state.db")
    found = second.handle(
        "GET",
        f"/v1/payment_methods/{made['id']}",
        {"Authorization": f"Bearer {first.secret_key}"},
        b"",
    )

    assert json.loads(found.body) == made
    assert (second.account_id, second.secret_key) == (first.account_id, first.secret_key)
    second.close()


def test_every_file_is_another_account(tmp_path: Path) -> None:
    """Two sandboxes have different accounts and secrets."""
    one, two = Sandbox(tmp_path / "one.db"), Sandbox(tmp_path / "two.db")

    assert one.account_id != two.account_id
    assert one.webhook_secret != two.webhook_secret
    one.close()
    two.close()


def test_well_formed(sandbox: Sandbox) -> None:
    """Ids and keys have the format of Stripe's test mode."""
    assert sandbox.account_id.startswith("acct_")
    assert sandbox.secret_key.startswith("sk_test_")
    assert sandbox.publishable_key.startswith("pk_test_")
    assert sandbox.webhook_secret.startswith("whsec_")


def test_no_card_is_kept(tmp_path: Path) -> None:
    """The number is neither in the file nor in the recorded requests."""
    sandbox = Sandbox(tmp_path / "state.db")
    _type_card(sandbox, key="typed")
    # Not the times: three digits of them are soon those of the security code.
    recorded = repr([(made.path, made.params) for made in sandbox.requests])
    sandbox.close()

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"4242" in kept
    assert CARD.encode() not in kept
    assert f'"{CVC}"'.encode() not in kept
    assert CARD not in recorded
    assert CVC not in recorded


def test_no_client_secret_is_recorded(sandbox: Sandbox, ask: Ask) -> None:
    """It is neither in the parameters nor in the path."""
    ask("GET", "/v1/payment_intents/pi_1?client_secret=pi_1_secret_2")

    assert [entry.path for entry in sandbox.requests] == ["/v1/payment_intents/pi_1"]
    assert "pi_1_secret_2" not in repr(sandbox.requests)


def test_a_batch_is_fast(sandbox: Sandbox, pay: Callable[[], Reply]) -> None:
    """The demo's 300 payments take less than two seconds of the processor."""
    began = process_time()
    with sandbox.batch():
        replies = [pay() for _ in range(300)]

    assert {reply.status for reply in replies} == {200}
    assert process_time() - began < 2


def test_a_failed_batch_is_rolled_back(
    sandbox: Sandbox, ask: Ask, pay: Callable[[], Reply]
) -> None:
    """After an exception none of the batch is stored."""

    def interrupted() -> None:
        with sandbox.batch():
            pay()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    assert json.loads(ask("GET", "/v1/payment_intents").body)["data"] == []


def test_reset(sandbox: Sandbox, ask: Ask, pay: Callable[[], Reply]) -> None:
    """A reset deletes everything but the account and its keys."""
    keys = (sandbox.account_id, sandbox.secret_key)
    pay()
    sandbox.faults.add("conflict")
    sandbox.reset()

    assert sandbox.requests == []
    assert json.loads(ask("GET", "/v1/events").body)["data"] == []
    assert (sandbox.account_id, sandbox.secret_key) == keys


@pytest.mark.parametrize(
    ("kind", "error"), [("drop_before", ConnectionDropped), ("timeout_after", TimeoutError)]
)
def test_lost_in_process(sandbox: Sandbox, ask: Ask, kind: str, error: type[OSError]) -> None:
    """Both are OSErrors, which an HTTP client treats as a lost connection. Neither waits."""
    sandbox.faults.add(kind, seconds=3600)

    with pytest.raises(error):
        ask("GET", "/v1/account")

    assert [entry.status for entry in sandbox.requests] == [None]
