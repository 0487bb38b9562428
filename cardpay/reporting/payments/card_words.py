"""A card in words: its brand and last four digits."""

from typing import Final

# Stripe's spellings (Stripe API: PaymentMethod, `card.brand`) whose title case is not a name.
_BRANDS: Final = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "unknown": "Card",
}


def card_words(brand: str | None, last4: str | None) -> str:
    """ "Visa •••• 4242"; empty while no card is known."""
    if not last4:
        return ""
    name = (brand or "unknown").lower()
    return f"{_BRANDS.get(name, name.title())} •••• {last4}"
