"""Erasure: who is meant, and what keeps their details, in words."""

import pytest

from cardpay.domain.personal_data.customer_identity import Customer, customer_meant
from cardpay.domain.personal_data.erasure_rules import needed_because


@pytest.mark.parametrize(
    ("is_open", "disputed", "refunded", "why"),
    [
        pytest.param(True, True, True, "Authorised", id="open comes first"),
        pytest.param(False, True, True, "disputed", id="then a dispute"),
        pytest.param(False, False, True, "a refund is on its way", id="then a refund"),
        pytest.param(False, False, False, "", id="nothing"),
    ],
)
def test_why_details_are_needed(is_open: bool, disputed: bool, refunded: bool, why: str) -> None:
    """One reason is named; none means that they may be erased."""
    found = needed_because("Authorised", is_open=is_open, disputed=disputed, refunded=refunded)
    assert found == why


@pytest.mark.parametrize(
    ("email_or_name", "phone", "meant"),
    [
        pytest.param("q@example.com", "", Customer(email="q@example.com"), id="e-mail"),
        pytest.param("Quill", "0207", Customer(name="Quill", phone="0207"), id="name and phone"),
        pytest.param("Quill", "", None, id="name alone"),
        pytest.param("Quill", "none", None, id="no number"),
        pytest.param("Quill", "²", None, id="nothing that a number is compared by"),
        pytest.param("", "0207", None, id="phone alone"),
        pytest.param("q@example.com", "0207", None, id="e-mail and phone"),
    ],
)
def test_a_name_alone_is_not_enough(
    email_or_name: str, phone: str, meant: Customer | None
) -> None:
    """Several people may bear it, and what is erased does not come back."""
    assert customer_meant(email_or_name, phone) == meant
