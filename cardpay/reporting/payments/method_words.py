"""What was paid with, in words: the method's name, with brand and last four where it has them."""

from typing import Final

from babel import Locale

from cardpay.domain.money_format import DEFAULT_LOCALE

# The names that Stripe gives its types of payment method (Stripe API: PaymentMethod, `type`; and
# Charge, `payment_method_details.type`, for those of older integrations).
METHOD_NAMES: Final = {
    "ach_credit_transfer": "ACH credit transfer",
    "ach_debit": "ACH Direct Debit",
    "acss_debit": "Canadian pre-authorised debit",
    "affirm": "Affirm",
    "afterpay_clearpay": "Afterpay / Clearpay",
    "alipay": "Alipay",
    "alma": "Alma",
    "amazon_pay": "Amazon Pay",
    "au_becs_debit": "BECS Direct Debit",
    "bacs_debit": "Bacs Direct Debit",
    "bancontact": "Bancontact",
    "billie": "Billie",
    "bizum": "Bizum",
    "blik": "BLIK",
    "boleto": "Boleto",
    "card": "Card",
    "card_present": "Terminal",
    "cashapp": "Cash App Pay",
    "crypto": "Stablecoins and crypto",
    "custom": "Custom payment method",
    "customer_balance": "Bank transfer",
    "eps": "EPS",
    "fpx": "FPX",
    "giropay": "giropay",
    "grabpay": "GrabPay",
    "ideal": "iDEAL",
    "interac_present": "Terminal",
    "kakao_pay": "Kakao Pay",
    "klarna": "Klarna",
    "konbini": "Konbini",
    "kr_card": "Korean card",
    "link": "Link",
    "mb_way": "MB WAY",
    "mobilepay": "MobilePay",
    "multibanco": "Multibanco",
    "naver_pay": "Naver Pay",
    "nz_bank_account": "New Zealand BECS Direct Debit",
    "oxxo": "OXXO",
    "p24": "Przelewy24",
    "pay_by_bank": "Pay by Bank",
    "payco": "PAYCO",
    "paynow": "PayNow",
    "paypal": "PayPal",
    "paypay": "PayPay",
    "payto": "PayTo",
    "pix": "Pix",
    "promptpay": "PromptPay",
    "revolut_pay": "Revolut Pay",
    "samsung_pay": "Samsung Pay",
    "satispay": "Satispay",
    "scalapay": "Scalapay",
    "sepa_credit_transfer": "SEPA credit transfer",
    "sepa_debit": "SEPA Direct Debit",
    "sequra": "seQura",
    "sofort": "Sofort",
    "stripe_account": "Stripe balance",
    "sunbit": "Sunbit",
    "swish": "Swish",
    "twint": "TWINT",
    "upi": "UPI",
    "us_bank_account": "ACH Direct Debit",
    "wechat": "WeChat Pay",
    "wechat_pay": "WeChat Pay",
    "zip": "Zip",
}
# With these a card is charged. What is not known yet is a card that is being tried at the desk.
IS_CARD: Final = frozenset({None, "card", "card_present", "interac_present", "kr_card"})
BRANDS: Final = (
    "amex", "cartes_bancaires", "diners", "discover", "eftpos_au", "jcb", "mastercard", "unionpay",
    "visa",
)  # fmt: skip
"""The brands of cards as Stripe spells them (Stripe API: PaymentMethod, `card.brand`)."""
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


def method_words(method_type: str | None, brand: str | None, last4: str | None) -> str:
    """ "Visa •••• 4242", "Terminal · Visa •••• 4242", "SEPA Direct Debit •••• 3000", "Klarna".

    Empty while nothing is known of a card. A type that Stripe did not have when this was written
    is named by itself.
    """
    if method_type in {None, "card"}:
        return _card(brand, last4) if last4 else ""
    name = method_name(method_type, last4)
    if brand:
        return f"{name} · {_card(brand, last4)}"
    return f"{name} •••• {last4}" if last4 else name


def method_name(method_type: str | None, last4: str | None) -> str:
    """The method's name alone; empty while nothing is known."""
    if method_type is None:
        return METHOD_NAMES["card"] if last4 else ""
    return METHOD_NAMES.get(method_type) or in_plain_words(method_type)


def in_plain_words(of_stripe: str) -> str:
    """A word of Stripe's that has none of ours: "moon_pay" is "Moon pay"."""
    return of_stripe.replace("_", " ").strip().capitalize()


def brand_name(brand: str | None) -> str:
    """A card's brand: "Visa", "American Express"; "Card" while it is unknown."""
    name = (brand or "unknown").lower()
    return _BRANDS.get(name) or name.replace("_", " ").title()


def _card(brand: str | None, last4: str | None) -> str:
    words = brand_name(brand)
    return f"{words} •••• {last4}" if last4 else words


def country_name(code: str) -> str:
    """Of a country by its ISO code; an unknown one is its own name."""
    territories: dict[str, str] = dict(Locale.parse(DEFAULT_LOCALE).territories)
    return territories.get(code, code)
