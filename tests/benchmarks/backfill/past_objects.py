"""The texts of a long past's objects: the sandbox's own, with the number's values filled in."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cardpay.sandbox import Sandbox
from cardpay.sandbox.api.payments.payment_methods import fingerprint

if TYPE_CHECKING:
    from tests.benchmarks.backfill.list_server import Fate

ACCOUNT_ID = "acct_1CardpayLongPast0"
ACCOUNT = {"id": ACCOUNT_ID, "object": "account", "country": "IE", "settings": {}}

_CREDENTIALS = {
    "type": "card",
    "card[exp_month]": "12",
    "card[exp_year]": "2030",
    "card[cvc]": "123",
}
_GOOD, _DECLINED, _DISPUTED = "4242424242424242", "4000000000000002", "4000000000000259"
_DAY_SECONDS = 86_400

# What differs from one object to the next, by kind: `<name>` stands for a number, `{name}` for
# a text. What is null or nought in the sandbox's object stays so, `amount_refunded` excepted.
_VARYING: dict[str, dict[str, str]] = {
    "payment_method": {"id": "{method}"},
    "payment_intent": {
        "id": "{intent}",
        "client_secret": "{intent}_secret_none",
        "amount": "<amount>",
        "amount_received": "<amount>",
        "canceled_at": "<disputed>",
        "created": "<created>",
        "description": "Order WEB-{number}",
        "latest_charge": "{charge}",
        "payment_method": "{method}",
    },
    "charge": {
        "id": "{charge}",
        "amount": "<amount>",
        "amount_captured": "<amount>",
        "balance_transaction": "{transaction}",
        "created": "<charged>",
        "description": "Order WEB-{number}",
        "payment_intent": "{intent}",
        "payment_method": "{method}",
    },
    "refund": {
        "id": "{refund}",
        "amount": "<part>",
        "balance_transaction": "{transaction}",
        "charge": "{charge}",
        "created": "<refunded>",
        "payment_intent": "{intent}",
        "payment_method": "{method}",
    },
    "dispute": {
        "id": "{dispute}",
        "amount": "<amount>",
        "balance_transactions": "",
        "charge": "{charge}",
        "created": "<disputed>",
        "payment_intent": "{intent}",
    },
    "balance_transaction": {
        "id": "{transaction}",
        "available_on": "<available>",
        "created": "<booked>",
    },
}
_SOURCES = {"charge": "{charge}", "refund": "{refund}", "adjustment": "{dispute}"}


@dataclass(frozen=True)
class Texts:
    """A template for each kind of object and fate."""

    templates: dict[str, str]
    identifier: Callable[[str, int], str]
    first_at: int
    seconds_between: int

    def payment_intent(self, fate: "Fate", _place: int) -> str:
        """One PaymentIntent."""
        name = "cancelled" if fate.cancelled else "unpaid" if fate.unpaid else "paid"
        return self._filled(f"{name} payment_intent", fate, int(fate.second_card))

    def charge(self, fate: "Fate", place: int) -> str:
        """The Charge of the first or the second card."""
        good = fate.paid and place == int(fate.second_card)
        return self._filled("good charge" if good else "declined charge", fate, place)

    def refund(self, fate: "Fate", _place: int) -> str:
        """A part given back."""
        return self._filled("refund", fate, int(fate.second_card))

    def dispute(self, fate: "Fate", _place: int) -> str:
        """All of it in dispute."""
        return self._filled("dispute", fate, int(fate.second_card))

    def payment_method(self, method_id: str) -> str:
        """One card; all are alike."""
        return self.templates["payment_method"] % {"method": method_id}

    def balance_transaction(self, fate: "Fate", place: int) -> str:
        """Of a Charge, a Refund or a Dispute."""
        name = ("charge", "charge", "refund", "dispute")[place]
        return self._filled(f"transaction of a {name}", fate, int(fate.second_card), place)

    def _filled(self, name: str, fate: "Fate", place: int, transaction: int | None = None) -> str:
        number = fate.number
        charge = number * 2 + place
        booked = number * 4 + (place if transaction is None else transaction)
        if name == "refund":
            booked = number * 4 + 2
        at = self.first_at + number * self.seconds_between
        return self.templates[name] % {
            "intent": self.identifier("pi_3", number),
            "charge": self.identifier("ch_3", charge),
            "refund": self.identifier("re_3", number),
            "dispute": self.identifier("du_1", number),
            "transaction": self.identifier("txn_3", booked),
            "method": self.identifier("pm_1", charge),
            "number": number,
            "fingerprint": _fingerprint(number % 5_000),
            "amount": 1_000 + number % 90_000,
            "part": 500,
            "given_back": 500 * fate.refunded,
            "fee": 40,
            "net": 960 + number % 90_000,
            "created": at,
            "charged": at + 10 + 60 * place,
            "refunded": at + 80,
            "disputed": at + 90,
            "booked": at + 15 + 60 * (booked % 4),
            "available": at + 7 * _DAY_SECONDS,
        }


@cache
def _fingerprint(card: int) -> str:
    return fingerprint(ACCOUNT_ID, str(card))


def texts_of_the_sandbox(
    identifier: Callable[[str, int], str], first_at: int, seconds_between: int
) -> Texts:
    """Have the sandbox make one of each, and leave out what differs."""
    sandbox = Sandbox(None)
    try:
        made = _one_of_each(sandbox)
    finally:
        sandbox.close()
    templates = {name: _template(thing) for name, thing in made.items()}
    return Texts(templates, identifier, first_at, seconds_between)


def _one_of_each(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    def send(method: str, path: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
        of_browser = (method, path) == (
            "POST",
            "/v1/payment_methods",
        )  # card numbers come from there alone
        key = sandbox.publishable_key if of_browser else sandbox.secret_key
        headers = {"Authorization": f"Bearer {key}"}
        body = urlencode(fields or {}).encode()
        reply = sandbox.handle(method, path, headers, body)
        answer: dict[str, Any] = json.loads(reply.body)
        if reply.status not in {200, 402}:  # a decline is wanted
            raise RuntimeError(f"the sandbox refused {path}: {answer}")
        return answer

    def intent() -> str:
        fields = {
            "amount": "1000",
            "currency": "gbp",
            "description": "Order WEB-1",
            "allowed_payment_method_types[]": "card",
            "metadata[order_reference]": "WEB-1",
        }
        return str(send("POST", "/v1/payment_intents", fields)["id"])

    def pay(intent_id: str, number: str) -> None:
        method = send("POST", "/v1/payment_methods", {**_CREDENTIALS, "card[number]": number})
        path = f"/v1/payment_intents/{intent_id}/confirm"
        send("POST", path, {"payment_method": method["id"]})

    paid, unpaid, cancelled, disputed = intent(), intent(), intent(), intent()
    pay(paid, _GOOD)
    pay(disputed, _DISPUTED)
    pay(unpaid, _DECLINED)
    send("POST", f"/v1/payment_intents/{cancelled}/cancel")
    sandbox.clock.advance(timedelta(minutes=1))  # the balance follows, and the dispute
    good = send("GET", f"/v1/charges?payment_intent={paid}")["data"][0]
    refund = send("POST", "/v1/refunds", {"payment_intent": paid, "amount": "500"})
    dispute = send("GET", f"/v1/disputes?payment_intent={disputed}")["data"][0]
    made = {
        "paid payment_intent": send("GET", f"/v1/payment_intents/{paid}"),
        "unpaid payment_intent": send("GET", f"/v1/payment_intents/{unpaid}"),
        "cancelled payment_intent": send("GET", f"/v1/payment_intents/{cancelled}"),
        "good charge": good,
        "declined charge": send("GET", f"/v1/charges?payment_intent={unpaid}")["data"][0],
        "refund": refund,
        "dispute": dispute,
        "payment_method": send("GET", f"/v1/payment_methods/{good['payment_method']}"),
    }
    for name, source in (("charge", good), ("refund", refund), ("dispute", dispute)):
        listed = send("GET", f"/v1/balance_transactions?source={source['id']}")
        made[f"transaction of a {name}"] = listed["data"][0]
    return made


def _template(thing: dict[str, Any]) -> str:
    """Its JSON, to be filled in by `%`."""
    varied = dict(thing)
    for name, value in _VARYING[thing["object"]].items():
        if varied[name]:
            varied[name] = value or []
    match thing["object"]:
        case "payment_intent":
            varied["metadata"] = {"order_reference": "WEB-{number}"}
            if error := varied["last_payment_error"]:
                method = {**error["payment_method"], "id": "{method}"}
                varied["last_payment_error"] = {
                    **error,
                    "charge": "{charge}",
                    "payment_method": method,
                }
        case "charge":
            varied["metadata"] = {"order_reference": "WEB-{number}"}
            if varied["paid"]:
                varied["amount_refunded"] = "<given_back>"
            details = varied["payment_method_details"]
            card = {**details["card"], "fingerprint": "{fingerprint}"}
            varied["payment_method_details"] = {**details, "card": card}
        case "balance_transaction":
            varied["source"] = _SOURCES[thing["type"]]
            if thing["type"] == "charge":
                varied |= {"amount": "<amount>", "fee": "<fee>", "net": "<net>"}
    text = json.dumps(varied).replace("%", "%%")
    text = re.sub(r'"<([a-z_]+)>"', r"%(\1)s", text)
    return re.sub(r"\{([a-z]+)\}", r"%(\1)s", text)
