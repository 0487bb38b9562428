"""What code logs with: ids that are bound to a piece of work, and what is told of a failure."""

import logging

import pytest

from cardpay.gateway.errors import RequestRefused, StripeUnavailable
from cardpay.logs.logger import bound, failure, get_logger
from tests.support.secrets.log_lines import read, written

PAYMENT = "11111111-1111-4111-8111-111111111111"

ours = get_logger("cardpay.services.taking.create_payment")
library = logging.getLogger("somebody.elses")


def test_bound_ids_stand_on_every_line() -> None:
    """Also on those of a library that is called meanwhile, and no longer afterwards."""
    with written() as stream:
        with bound(payment_id=PAYMENT):
            ours.info("done by Stripe", stripe_request_id="req_1")
            library.warning("slow %s", "thing")
        ours.info("another")
    first, second, third = read(stream)
    assert first["stripe_request_id"] == "req_1"
    assert (first["logger"], first["level"]) == ("cardpay.services.taking.create_payment", "info")
    assert second["event"] == "slow thing"
    assert first["payment_id"] == second["payment_id"] == PAYMENT
    assert first["timestamp"].endswith("Z")
    assert "payment_id" not in third


def test_a_failure_is_told_by_type_and_place() -> None:
    """And by Stripe's request id; its own words may be a customer's."""

    def trips() -> None:
        raise StripeUnavailable("Customer One", "req_1")

    with pytest.raises(StripeUnavailable) as tripped:
        trips()
    told = failure(tripped.value)
    assert told["error"] == "StripeUnavailable"
    assert told["place"].startswith("trips:")
    assert told["stripe_request_id"] == "req_1"
    assert "Customer" not in str(told)


def test_a_refusal_is_told_by_stripes_code_and_status() -> None:
    """Its message may quote what was sent, and is left out."""
    refused = RequestRefused(
        "No such customer: Customer One",
        code="resource_missing",
        param=None,
        http_status=404,
        payment_intent=None,
        request_id="req_1",
    )
    told = failure(refused)
    assert (told["stripe_status"], told["stripe_code"]) == ("404", "resource_missing")
    assert told["stripe_request_id"] == "req_1"
    assert "Customer" not in str(told)
