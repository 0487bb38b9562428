"""A receipt's number: the same each time, and found again however it is typed."""

from uuid import uuid4

import pytest

from cardpay.domain.receipt import payment_ids_of, payment_receipt_number, refund_receipt_number

PAYMENT = "1a2b3c4d-5e6f-4788-99aa-bbccddeeff00"


def test_a_number_is_that_of_the_id() -> None:
    """Printed twice, it is the same; a refund's begins with its payment's."""
    assert payment_receipt_number(PAYMENT) == "R-1A2B-3C4D-5E6F"
    first, second = (refund_receipt_number(PAYMENT, f"refund-re_{one}") for one in "12")
    assert first.startswith("R-1A2B-3C4D-5E6F-")
    assert len(first) == len("R-1A2B-3C4D-5E6F-0000")
    assert first != second
    assert first == refund_receipt_number(PAYMENT, "refund-re_1")


@pytest.mark.parametrize(
    "typed",
    ["R-1A2B-3C4D-5E6F", " r1a2b3c4d5e6f", "R 1a2b 3c4d 5e6f", "R-1A2B-3C4D-5E6F-77AA"],
    ids=["as printed", "in one", "spaces", "a refund's"],
)
def test_a_number_leads_to_the_ids_that_have_it(typed: str) -> None:
    """As a caller reads it out."""
    assert payment_ids_of(typed) == (
        "1a2b3c4d-5e6f-0000-0000-000000000000",
        "1a2b3c4d-5e6f-ffff-ffff-ffffffffffff",
    )


def test_each_payment_is_among_the_ids_of_its_number() -> None:
    """Whatever the id."""
    for payment_id in (str(uuid4()) for _ in range(50)):
        found = payment_ids_of(payment_receipt_number(payment_id))
        assert found is not None
        assert found[0] <= payment_id <= found[1]


@pytest.mark.parametrize("typed", ["", "R-", "R-1A2B-3C4D", "R-1A2B-3C4D-5E6G", "Rowan", "SO-1"])
def test_other_texts_are_no_number(typed: str) -> None:
    """Names and references are searched for as they are."""
    assert payment_ids_of(typed) is None
