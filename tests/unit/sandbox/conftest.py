"""A sandbox in memory, and functions that send requests to it."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest

from cardpay.sandbox import Reply, Sandbox

Ask: TypeAlias = Callable[..., Reply]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An empty sandbox."""
    made = Sandbox()
    yield made
    made.close()


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """A request with the secret key: `ask("POST", "/v1/refunds", amount=5)`."""

    def asked(method: str, path: str, **params: Any) -> Reply:
        headers = {"Authorization": f"Bearer {sandbox.secret_key}"}
        return sandbox.handle(method, path, headers, urlencode(params).encode())

    return asked


@pytest.fixture
def pay(ask: Ask) -> Callable[[], Reply]:
    """One successful payment."""
    return lambda: ask(
        "POST",
        "/v1/payment_intents",
        **{
            "amount": 1000,
            "currency": "usd",
            "allowed_payment_method_types[]": "card",
            "payment_method": "pm_card_visa",
            "confirm": "true",
        },
    )
