"""The settings of the company, what holds without them, and each logo that is refused."""

from pathlib import Path

import pytest

from cardpay.domain.company import DEMO_COMPANY, Company
from cardpay.domain.errors import StartRefused
from cardpay.settings import load

pytestmark = pytest.mark.usefixtures("no_environment")

PNG = b"\x89PNG\r\n\x1a\n"
KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_51AbCdEfGhIjKlMnOp",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_51AbCdEfGhIjKlMnOp",
}


def test_the_demo_has_a_company_of_its_own_and_no_other_desk_has() -> None:
    """An invented address must never get onto a real receipt."""
    assert load().company == DEMO_COMPANY
    assert load(**KEYS).company == Company()
    assert load(CARDPAY_COMPANY_NAME="A", **KEYS).company == Company("A")
    assert load(CARDPAY_COMPANY_NAME="A").company == Company("A")


@pytest.mark.parametrize("between", ["\\n", "\n"], ids=["two characters", "a line end"])
def test_everything_is_taken_as_it_is_given(between: str, tmp_path: Path) -> None:
    """Only the address is cut into lines; empty ones go."""
    logo = tmp_path / "logo"
    logo.write_bytes(PNG)
    settings = load(
        CARDPAY_COMPANY_NAME="Ärzte & Söhne",
        CARDPAY_COMPANY_LOGO=str(logo),
        CARDPAY_COMPANY_ADDRESS=f" Straße 1{between}{between} 10115 Berlin",
        CARDPAY_COMPANY_TAX_NUMBER="USt-IdNr. DE000000000",
        CARDPAY_COMPANY_PHONE="030 000000",
        CARDPAY_COMPANY_EMAIL="kasse@example.com",
    )
    assert settings.company == Company(
        "Ärzte & Söhne",
        ("Straße 1", "10115 Berlin"),
        "USt-IdNr. DE000000000",
        "030 000000",
        "kasse@example.com",
        PNG,
    )


@pytest.mark.parametrize(
    "content", [None, b"<svg/>", PNG + b"0" * 512 * 1024], ids=["no file", "another kind", "large"]
)
def test_a_logo_that_cannot_be_drawn_stops_the_start(
    content: bytes | None, tmp_path: Path
) -> None:
    """Not the first receipt."""
    logo = tmp_path / "logo"
    if content is not None:
        logo.write_bytes(content)
    with pytest.raises(StartRefused) as refused:
        load(CARDPAY_COMPANY_LOGO=str(logo))
    assert "CARDPAY_COMPANY_LOGO" in refused.value.sentence
