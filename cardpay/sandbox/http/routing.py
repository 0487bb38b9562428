"""Which requests there are: method, path, parameters, and whether a publishable key may."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cardpay.sandbox.api import (
    account,
    balance_transactions,
    charges,
    customers,
    disputes,
    events,
    payment_intent_cancel,
    payment_intent_confirm,
    payment_intents,
    payment_methods,
    refunds,
)
from cardpay.sandbox.http.parameter_validation import Reader
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

_ID = "([^/]+)"


@dataclass(frozen=True)
class Endpoint:
    """One request of the API. `{}` in its path stands for an id."""

    method: str
    path: str
    fields: Mapping[str, Reader]
    run: Callable[[State, Call], Json]
    required: tuple[str, ...] = ()
    publishable: bool = False

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """The ids in the path, or None when it is another request."""
        found = re.fullmatch(self.path.replace("{}", _ID), path)
        return found.groups() if found and method == self.method else None


_PI = "/v1/payment_intents"
_PM = "/v1/payment_methods"
ENDPOINTS = (
    Endpoint("GET", "/v1/account", account.RETRIEVE, account.retrieve),
    Endpoint("POST", _PI, payment_intents.CREATE, payment_intents.create, ("amount", "currency")),
    Endpoint("GET", _PI, payment_intents.LIST, payment_intents.list_intents),
    Endpoint("GET", f"{_PI}/{{}}", payment_intents.RETRIEVE, payment_intents.retrieve,
             publishable=True),
    Endpoint("POST", f"{_PI}/{{}}", payment_intents.UPDATE, payment_intents.update),
    Endpoint("POST", f"{_PI}/{{}}/confirm", payment_intent_confirm.CONFIRM_FIELDS, payment_intent_confirm.confirm),
    Endpoint("POST", f"{_PI}/{{}}/capture", payment_intent_cancel.CAPTURE, payment_intent_cancel.capture),
    Endpoint("POST", f"{_PI}/{{}}/cancel", payment_intent_cancel.CANCEL, payment_intent_cancel.cancel),
    Endpoint("POST", _PM, payment_methods.CREATE, payment_methods.create, ("type",),
             publishable=True),
    Endpoint("GET", f"{_PM}/{{}}", payment_methods.RETRIEVE, payment_methods.retrieve),
    Endpoint("POST", f"{_PM}/{{}}/attach", customers.ATTACH, customers.attach, ("customer",)),
    Endpoint("POST", "/v1/customers", customers.CREATE, customers.create),
    Endpoint("GET", "/v1/customers/{}", customers.RETRIEVE, customers.retrieve),
    Endpoint("GET", "/v1/charges", charges.LIST, charges.list_charges),
    Endpoint("GET", "/v1/charges/{}", charges.RETRIEVE, charges.retrieve),
    Endpoint("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    Endpoint("GET", "/v1/refunds", refunds.LIST, refunds.list_refunds),
    Endpoint("GET", "/v1/refunds/{}", refunds.RETRIEVE, refunds.retrieve),
    Endpoint("POST", "/v1/refunds/{}", refunds.UPDATE, refunds.update),
    Endpoint("GET", "/v1/disputes", disputes.LIST, disputes.list_disputes),
    Endpoint("GET", "/v1/disputes/{}", disputes.RETRIEVE, disputes.retrieve),
    Endpoint("POST", "/v1/disputes/{}", disputes.UPDATE, disputes.update),
    Endpoint("POST", "/v1/disputes/{}/close", disputes.CLOSE, disputes.close),
    Endpoint("GET", "/v1/balance_transactions", balance_transactions.LIST, balance_transactions.list_transactions),
    Endpoint("GET", "/v1/balance_transactions/{}", balance_transactions.RETRIEVE, balance_transactions.retrieve),
    Endpoint("GET", "/v1/events", events.LIST, events.list_events),
    Endpoint("GET", "/v1/events/{}", events.RETRIEVE, events.retrieve),
    Endpoint("POST", "/v1/sandbox/three_d_secure", payment_intent_confirm.THREE_D_SECURE,
             payment_intent_confirm.three_d_secure, ("payment_intent", "client_secret", "outcome"),
             publishable=True),
)  # fmt: skip


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]] | None:
    """The endpoint of a request, with the ids in its path."""
    for endpoint in ENDPOINTS:
        ids = endpoint.match(method, path)
        if ids is not None:
            return endpoint, ids
    return None
