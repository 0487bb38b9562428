"""The currencies that Stripe supports, and for each its decimals, limits and exchange rate.

Stripe docs, "Supported currencies": minimum charge amounts, zero-decimal, three-decimal and
special-case currencies. All amounts are in the minor unit.
"""

from cardpay.sandbox.http.api_errors import InvalidParameter

_TWO_DECIMAL = """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd
    hnl htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt
    mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub
    sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst
    xcd yer zar zmw
"""
_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
HUNDREDS_ONLY = frozenset({"isk", "ugx"})  # sent with two decimals, which must be 00
SUPPORTED = (*_TWO_DECIMAL.split(), *sorted(ZERO_DECIMAL), *sorted(THREE_DECIMAL))

MAX_AMOUNT = 99_999_999  # eight digits, according to the SDK's parameter reference
_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50,
    "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
    "sgd": 50, "thb": 1000,
}  # fmt: skip

# Major units of a currency for one euro. The rates are fixed, and only roughly right. Any other
# currency is converted one to one.
_PER_EURO = {
    "usd": 1.08, "gbp": 0.86, "jpy": 163.0, "chf": 0.95, "sek": 11.4, "nok": 11.6, "dkk": 7.46,
    "pln": 4.3, "czk": 25.1, "huf": 395.0, "cad": 1.47, "aud": 1.64, "kwd": 0.33, "inr": 90.0,
    "brl": 5.9, "isk": 149.0, "krw": 1480.0, "sgd": 1.45, "aed": 3.97, "bhd": 0.41,
}  # fmt: skip


def check_currency(code: str) -> str:
    """The code in lower case. Raises InvalidParameter if Stripe does not support it."""
    if code.lower() not in SUPPORTED:
        raise InvalidParameter(
            f"Invalid currency: {code.lower()}. Stripe currently supports these currencies: "
            + ", ".join(SUPPORTED),
            param="currency",
        )
    return code.lower()


def check_amount(amount: int, currency: str) -> None:
    """Raise InvalidParameter for an amount that Stripe would not charge."""
    check_divisible(amount, currency)
    minimum = _MINIMUM.get(currency, 1)
    if amount < minimum:
        raise InvalidParameter(
            f"Amount must be at least {formatted(minimum, currency)}",
            code="amount_too_small",
            param="amount",
        )
    if amount > MAX_AMOUNT:
        raise InvalidParameter(
            f"Amount must be no more than {formatted(MAX_AMOUNT, currency)}",
            code="amount_too_large",
            param="amount",
        )


def check_divisible(amount: int, currency: str) -> None:
    """Raise InvalidParameter unless a three-decimal amount ends in 0, or ISK and UGX in 00."""
    step = 10 if currency in THREE_DECIMAL else 100 if currency in HUNDREDS_ONLY else 1
    if amount % step:
        raise InvalidParameter(
            f"Invalid amount: {amount}. Amounts in {currency.upper()} must be divisible by"
            f" {step}.",
            code="parameter_invalid_integer",
            param="amount",
        )


def decimals(currency: str) -> int:
    """The number of decimals of a currency."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def in_euro_cents(amount: int, currency: str) -> tuple[int, float | None]:
    """The amount in euro cents, in which the account settles, and the rate (None for euros)."""
    if currency == "eur":
        return amount, None
    rate = round(1 / _PER_EURO.get(currency, 1.0), 6)
    return round(amount * rate * 100 / 10 ** decimals(currency)), rate


def formatted(amount: int, currency: str) -> str:
    """The amount as text, such as `$10.00 usd`."""
    places = decimals(currency)
    text = f"{amount / 10**places:,.{places}f}"
    sign = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}.get(currency, "")
    return f"{sign}{text} {currency}"
