"""The table of endpoints: method, path, parameters, and whether publishable keys are allowed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cardpay.sandbox.api import account, events, invoice_payments, retrieve_and_list, search
from cardpay.sandbox.api.balance import balance, balance_transactions, payouts
from cardpay.sandbox.api.checkout import checkout_sessions, inline_prices
from cardpay.sandbox.api.customers import customers, saved_cards, setup_intents
from cardpay.sandbox.api.disputes import disputes
from cardpay.sandbox.api.payments import (
    charge_receipts,
    order_details,
    payment_intent_cancel,
    payment_intent_capture,
    payment_intent_confirm,
    payment_intents,
    payment_methods,
    refunds,
    three_d_secure,
)
from cardpay.sandbox.http.parameter_validation import LIST_FIELDS, RETRIEVE_FIELDS, Reader, string
from cardpay.sandbox.http.response_expansion import nothing_of
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


def _search(kind: str) -> Endpoint:
    path = f"/v1/{kind}s/search"
    return Endpoint("GET", path, search.FIELDS, search.search(kind), required=("query",))


def _list_of_customer(part: str) -> Endpoint:
    """A list of what no Customer has here."""

    def run(state: State, call: Call) -> Json:
        return nothing_of(state.get("customer", call.object_id, "id"), part)

    fields = {**LIST_FIELDS, "object": string()}
    return Endpoint("GET", f"/v1/customers/{{}}/{part}", fields, run)


_PI = "/v1/payment_intents"
_PM = "/v1/payment_methods"
_CUS = "/v1/customers"
_SI = "/v1/setup_intents"
_CS = "/v1/checkout/sessions"
ENDPOINTS = (
    Endpoint("GET", "/v1/account", RETRIEVE_FIELDS, account.retrieve),
    Endpoint("GET", "/v1/accounts", LIST_FIELDS, account.list_connected),
    Endpoint("GET", "/v1/accounts/{}", RETRIEVE_FIELDS, account.retrieve),
    Endpoint("POST", _PI, payment_intents.CREATE, payment_intents.create, ("amount", "currency")),
    _list("payment_intent", "customer"),
    *(_search(kind) for kind in search.SEARCHABLE),  # before one is retrieved by an id
    Endpoint("GET", f"{_PI}/{{}}", payment_intents.RETRIEVE, payment_intents.retrieve,
             publishable=True),
    Endpoint("POST", f"{_PI}/{{}}", payment_intents.UPDATE, payment_intents.update),
    Endpoint("POST", f"{_PI}/{{}}/confirm", payment_intent_confirm.CONFIRM_FIELDS,
             payment_intent_confirm.confirm),
    Endpoint("POST", f"{_PI}/{{}}/capture", payment_intent_capture.CAPTURE,
             payment_intent_capture.capture),
    Endpoint("POST", f"{_PI}/{{}}/cancel", payment_intent_cancel.CANCEL,
             payment_intent_cancel.cancel),
    Endpoint("GET", f"{_PI}/{{}}/amount_details_line_items", LIST_FIELDS,
             order_details.list_line_items),
    Endpoint("POST", _PM, payment_methods.CREATE, payment_methods.create, ("type",),
             publishable=True),
    Endpoint("GET", f"{_PM}/{{}}", RETRIEVE_FIELDS, payment_methods.retrieve),
    Endpoint("GET", _PM, saved_cards.LIST, saved_cards.list_all),
    Endpoint("POST", f"{_PM}/{{}}", saved_cards.UPDATE, saved_cards.update),
    Endpoint("POST", f"{_PM}/{{}}/attach", saved_cards.ATTACH, saved_cards.attach, ("customer",)),
    Endpoint("POST", f"{_PM}/{{}}/detach", saved_cards.DETACH, saved_cards.detach),
    Endpoint("POST", _CUS, customers.CREATE, customers.create),
    _list("customer", "email"),
    Endpoint("GET", f"{_CUS}/{{}}", RETRIEVE_FIELDS, customers.retrieve),
    Endpoint("POST", f"{_CUS}/{{}}", customers.UPDATE, customers.update),
    Endpoint("DELETE", f"{_CUS}/{{}}", customers.DELETE, customers.delete),
    Endpoint("GET", f"{_CUS}/{{}}/payment_methods", saved_cards.LIST_OF_CUSTOMER,
             saved_cards.list_of_customer),
    Endpoint("GET", f"{_CUS}/{{}}/payment_methods/{{}}", RETRIEVE_FIELDS,
             saved_cards.retrieve_of_customer),
    *(_list_of_customer(part) for part in ("sources", "subscriptions", "tax_ids")),
    Endpoint("POST", _SI, setup_intents.CREATE, setup_intents.create),
    _list("setup_intent", "customer", "payment_method"),
    _retrieve("setup_intent"),
    Endpoint("POST", f"{_SI}/{{}}", setup_intents.UPDATE, setup_intents.update),
    Endpoint("POST", f"{_SI}/{{}}/confirm", setup_intents.CONFIRM, setup_intents.confirm),
    Endpoint("POST", f"{_SI}/{{}}/cancel", setup_intents.CANCEL, setup_intents.cancel),
    _list("charge", "payment_intent", "customer"),
    _retrieve("charge"),
    Endpoint("POST", "/v1/charges/{}", charge_receipts.UPDATE, charge_receipts.update),
    Endpoint("POST", "/v1/refunds", refunds.CREATE, refunds.create),
    _list("refund", "charge", "payment_intent"),
    _retrieve("refund"),
    Endpoint("POST", "/v1/refunds/{}", refunds.UPDATE, refunds.update),
    _list("dispute", "charge", "payment_intent"),
    _retrieve("dispute"),
    Endpoint("POST", "/v1/disputes/{}", disputes.UPDATE, disputes.update),
    Endpoint("POST", "/v1/disputes/{}/close", RETRIEVE_FIELDS, disputes.close),
    Endpoint("POST", _CS, checkout_sessions.CREATE, checkout_sessions.create, ("mode",
             "success_url")),
    Endpoint("GET", _CS, checkout_sessions.LIST, checkout_sessions.list_sessions),
    _retrieve("checkout.session"),
    Endpoint("POST", f"{_CS}/{{}}", checkout_sessions.UPDATE, checkout_sessions.update),
    Endpoint("POST", f"{_CS}/{{}}/expire", RETRIEVE_FIELDS, checkout_sessions.expire),
    Endpoint("GET", f"{_CS}/{{}}/line_items", LIST_FIELDS, checkout_sessions.list_line_items),
    Endpoint("GET", "/v1/prices", inline_prices.LIST_PRICES, inline_prices.list_prices),
    _retrieve("price"),
    Endpoint("GET", "/v1/products", inline_prices.LIST_PRODUCTS, inline_prices.list_products),
    _retrieve("product"),
    Endpoint("GET", "/v1/products/{}/features", LIST_FIELDS, inline_prices.list_features),
    Endpoint("GET", "/v1/invoice_payments", invoice_payments.LIST,
             invoice_payments.list_payments),
    _retrieve("invoice_payment"),
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
