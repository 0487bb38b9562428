"""The table of endpoints: method, path, parameters, and whether publishable keys are allowed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cardpay.sandbox.api import account, customers, events, retrieve_and_list
from cardpay.sandbox.api.balance import balance, balance_transactions, payouts
from cardpay.sandbox.api.disputes import disputes
from cardpay.sandbox.api.payments import (
    payment_intent_cancel,
    payment_intent_capture,
    payment_intent_confirm,
    payment_intents,
    payment_methods,
    refunds,
    three_d_secure,
)
from cardpay.sandbox.http.parameter_validation import LIST_FIELDS, RETRIEVE_FIELDS, Reader, string
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

_ID = "([^/]+)"


@dataclass(frozen=True)
class Endpoint:
    """One endpoint of the API. `{}` in its path stands for an id."""

    method: str
    path: str
    fields: Mapping[str, Reader]
    run: Callable[[State, Call], Json]
    required: tuple[str, ...] = ()
    publishable: bool = False

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """The ids in the path, or None if the request is for another endpoint."""
        found = re.fullmatch(self.path.replace("{}", _ID), path)
        return found.groups() if found and method == self.method else None


def _retrieve(kind: str) -> Endpoint:
    path = f"{retrieve_and_list.path(kind)}/{{}}"
    return Endpoint("GET", path, RETRIEVE_FIELDS, retrieve_and_list.retrieve(kind))


def _list(kind: str, *filters: str) -> Endpoint:
    fields = {**LIST_FIELDS, **{name: string() for name in filters}}
    path = retrieve_and_list.path(kind)
    return Endpoint("GET", path, fields, retrieve_and_list.list_all(kind, *filters))


_PI = "/v1/payment_intents"
_PM = "/v1/payment_methods"
ENDPOINTS = (
    Endpoint("GET", "/v1/account", RETRIEVE_FIELDS, account.retrieve),
    Endpoint("POST", _PI, payment_intents.CREATE, payment_intents.create, ("amount", "currency")),
    _list("payment_intent", "customer"),
    Endpoint("GET", f"{_PI}/{{}}", payment_intents.RETRIEVE, payment_intents.retrieve,
             publishable=True),
    Endpoint("POST", f"{_PI}/{{}}", payment_intents.UPDATE, payment_intents.update),
    Endpoint("POST", f"{_PI}/{{}}/confirm", payment_intent_confirm.CONFIRM_FIELDS,
             payment_intent_confirm.confirm),
    Endpoint("POST", f"{_PI}/{{}}/capture", payment_intent_capture.CAPTURE,
             payment_intent_capture.capture),
    Endpoint("POST", f"{_PI}/{{}}/cancel", payment_intent_cancel.CANCEL,
             payment_intent_cancel.cancel),
    Endpoint("POST", _PM, payment_methods.CREATE, payment_methods.create, ("type",),
             publishable=True),
    Endpoint("GET", f"{_PM}/{{}}", RETRIEVE_FIELDS, payment_methods.retrieve),
    Endpoint("POST", f"{_PM}/{{}}/attach", customers.ATTACH, customers.attach, ("customer",)),
    Endpoint("POST", "/v1/customers", customers.CREATE, customers.create),
    _retrieve("customer"),
    _list("charge", "payment_intent", "customer"),
    _retrieve("charge"),
    Endpoint("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    _list("refund", "charge", "payment_intent"),
    _retrieve("refund"),
    Endpoint("POST", "/v1/refunds/{}", refunds.UPDATE, refunds.update),
    _list("dispute", "charge", "payment_intent"),
    _retrieve("dispute"),
    Endpoint("POST", "/v1/disputes/{}", disputes.UPDATE, disputes.update),
    Endpoint("POST", "/v1/disputes/{}/close", RETRIEVE_FIELDS, disputes.close),
    _list("radar.early_fraud_warning", "charge", "payment_intent"),
    _retrieve("radar.early_fraud_warning"),
    Endpoint("GET", "/v1/balance", RETRIEVE_FIELDS, balance.retrieve),
    Endpoint("GET", "/v1/balance_transactions", balance_transactions.LIST,
             balance_transactions.list_transactions),
    _retrieve("balance_transaction"),
    Endpoint("POST", "/v1/payouts", payouts.CREATE, payouts.create, ("amount", "currency")),
    Endpoint("GET", "/v1/payouts", payouts.LIST, payouts.list_payouts),
    _retrieve("payout"),
    Endpoint("POST", "/v1/payouts/{}", payouts.UPDATE, payouts.update),
    Endpoint("POST", "/v1/payouts/{}/cancel", RETRIEVE_FIELDS, payouts.cancel),
    Endpoint("GET", "/v1/events", events.LIST, events.list_events),
    _retrieve("event"),
    Endpoint("POST", "/v1/sandbox/three_d_secure", three_d_secure.FIELDS, three_d_secure.finish,
             ("payment_intent", "client_secret", "outcome"), publishable=True),
)  # fmt: skip


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]] | None:
    """The endpoint of a request with the ids in the path, or None if there is none."""
    for endpoint in ENDPOINTS:
        ids = endpoint.match(method, path)
        if ids is not None:
            return endpoint, ids
    return None
