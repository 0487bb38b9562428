"""The company whose desk it is: what stands at the head of its screens and receipts."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Company:
    """What the company calls itself, and where its customers reach it; empty is not given."""

    name: str = "cardpay"
    address: tuple[str, ...] = ()
    tax_number: str = ""  # with the word for it: "VAT number GB 000 0000 00"
    phone: str = ""
    email: str = ""
    logo: bytes = b""  # a PNG or JPEG file


# Made up; the telephone number is one that Ofcom keeps free for fiction.
DEMO_COMPANY: Final = Company(
    "Fernhill Heating",
    ("12 Sample Street", "Leeds LS1 1AA"),
    "VAT number GB 000 0000 00",
    "0113 496 0123",
    "accounts@example.com",
)
