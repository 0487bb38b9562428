"""Who a customer is: what makes two payments one person's, and whom an erasure means."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Customer:
    """Who is meant: by e-mail, by name and phone together, or by one of their payments."""

    email: str = ""
    name: str = ""
    phone: str = ""
    payment_id: str = ""


def customer_meant(email_or_name: str, phone: str) -> Customer | None:
    """Whose details are to be erased, from what is known of them; None if that is not enough.

    An e-mail address is enough alone. A name may be several people's, so it is not: the phone
    number has to be given besides.
    """
    is_email = "@" in email_or_name
    if is_email and not phone:
        return Customer(email=email_or_name)
    if email_or_name and not is_email and digits(phone):
        return Customer(name=email_or_name, phone=phone)
    return None


def customer_key(name: str, email: str, phone: str) -> str | None:
    """What one customer's payments have in common: the e-mail address, else name and phone.

    As `customer_meant` tells whose details are to be erased. None where nothing is known.
    """
    if folded(email):
        return folded(email)
    return f"{folded(name)} {digits(phone)}".rstrip() if folded(name) else None


def folded(text: str) -> str:
    """A name or an e-mail address as it is compared: however it is spaced or capitalised."""
    if not text.isprintable():
        text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(text.split()).casefold()


def digits(text: str) -> str:
    """A phone number as it is compared: letters and signs do not count."""
    return re.sub(r"\D", "", text)
