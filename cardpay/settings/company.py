"""The settings of the company: what stands at the head of its screens and receipts."""

from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import Field

from cardpay.domain.company import DEMO_COMPANY, Company
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings.stripe_keys import StripeSettings

_LOGO_STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")  # PNG, JPEG
_LARGEST_LOGO: Final = 512 * 1024  # it is drawn on every page and in every receipt


class CompanySettings(StripeSettings):
    """Whose desk it is."""

    company_name: str = Field("", alias="CARDPAY_COMPANY_NAME", max_length=80)
    company_logo: Path | None = Field(None, alias="CARDPAY_COMPANY_LOGO")
    company_address: str = Field("", alias="CARDPAY_COMPANY_ADDRESS", max_length=400)
    company_tax_number: str = Field("", alias="CARDPAY_COMPANY_TAX_NUMBER", max_length=80)
    company_phone: str = Field("", alias="CARDPAY_COMPANY_PHONE", max_length=40)
    company_email: str = Field("", alias="CARDPAY_COMPANY_EMAIL", max_length=254)

    @cached_property
    def company(self) -> Company:
        """The company as its screens and receipts name it; a demo without a name has its own.

        Raises StartRefused for a logo that is not a PNG or JPEG file.
        """
        demo = not self.company_name and self.mode is Mode.DEMO
        otherwise = DEMO_COMPANY if demo else Company()
        lines = self.company_address.replace("\\n", "\n").splitlines()
        return Company(
            name=self.company_name or otherwise.name,
            address=tuple(line.strip() for line in lines if line.strip()) or otherwise.address,
            tax_number=self.company_tax_number or otherwise.tax_number,
            phone=self.company_phone or otherwise.phone,
            email=self.company_email or otherwise.email,
            logo=_logo(self.company_logo),
        )


def check_company(settings: CompanySettings) -> None:
    """StartRefused for a logo that cannot be read."""
    settings.company  # noqa: B018 - reading it is the check


def _logo(file: Path | None) -> bytes:
    if file is None:
        return b""
    name = "CARDPAY_COMPANY_LOGO"
    try:
        with file.open("rb") as opened:
            found = opened.read(_LARGEST_LOGO + 1)
    except OSError:
        raise StartRefused(name, "must name a file that can be read.") from None
    if not found.startswith(_LOGO_STARTS):
        raise StartRefused(name, "must name a PNG or JPEG file.")
    if len(found) > _LARGEST_LOGO:
        raise StartRefused(name, "must name a file of at most 512 KB.")
    return found
