"""What an exception says reaches no log, wherever in the desk it was raised."""

import json
import threading
import time
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from streamlit import config

from cardpay import bootstrap
from cardpay.bootstrap import WebhookEndpoint
from cardpay.exports import audit_csv
from cardpay.sandbox.webhook_sender import signature
from cardpay.services.periodic_task import PeriodicTask, ShouldContinue
from cardpay.services.webhooks import group_commit
from cardpay.services.webhooks.backpressure import Backpressure
from cardpay.web.request_log import RequestLog
from cardpay.web.routes import receiver_routes
from components.frame import error_messages
from components.web.audit_routes import audit_routes
from tests.pages.conftest import Drawing
from tests.support.secrets.log_lines import read, written

SECRET = "whsec_of_a_test_and_no_other"
WORDS = "card 4000 0566 5566 5556, token tok-of-zebra-fields, Jane Doe"


class Tripped(Exception):
    """It quotes what it was given, as many do."""


def trip(*_args: object, **_named: object) -> None:
    """Whatever it is asked for."""
    raise Tripped(WORDS)


def webhook() -> tuple[bytes, dict[str, str]]:
    """An event's body and headers, as Stripe signs them."""
    event = {
        "id": "evt_1",
        "type": "customer.created",
        "livemode": False,
        "created": 1_700_000_000,
    }
    body = json.dumps({**event, "data": {"object": {"id": "cus_1"}}}).encode()
    return body, {"Stripe-Signature": signature(body, SECRET, int(time.time()))}


def test_pages_routes_tasks_and_webhooks_keep_them(
    page_of: Drawing, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each tells the kind and the place; so does Streamlit, which logs what a page raises.

    Nor does it print them, as it would where rich is installed.
    """
    page = page_of("audit.py")
    ran = threading.Event()

    def work(_go_on: ShouldContinue) -> None:
        ran.set()
        trip()

    task = PeriodicTask("a task of the test", timedelta(hours=1), work)
    endpoint = WebhookEndpoint(SECRET, task, Backpressure())
    object.__setattr__(bootstrap.application(), "webhook_endpoint", endpoint)
    monkeypatch.setattr(audit_csv, "choices", trip)
    monkeypatch.setattr(group_commit, "event_row", trip)
    monkeypatch.setattr("cardpay.reporting.audit.audit_list.rows_of", trip)
    app = Starlette(
        routes=[*audit_routes(bootstrap.application), *receiver_routes(bootstrap.application)],
        middleware=[Middleware(RequestLog, proxies=())],
    )
    with written() as stream:
        raised = page.run().exception
        error_messages.show_error(Tripped(WORDS))
        client, (body, headers) = TestClient(app), webhook()
        answers = [
            client.get("/audit/files/audit-log.csv"),
            client.post("/webhooks/stripe", content=body, headers=headers),
        ]
        task.start()
        assert ran.wait(60)
        task.close()
    assert raised
    assert [answer.status_code for answer in answers] == [500, 500]
    text = stream.getvalue() + "".join(answer.text for answer in answers)
    text += capfd.readouterr().out
    assert [word for word in ("4000 0566", "5556", "zebra", "Jane") if word in text] == []
    assert config.get_option("logger.enableRich") is False  # it prints past the log
    told = {line["event"] for line in read(stream) if line.get("error") == "Tripped"}
    assert told >= {
        "script error",
        "request failed",
        "event not stored",
        "background work failed",
    }
