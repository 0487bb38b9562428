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

MINIMUM_EURO_CENTS = 50  # of a currency without a minimum of its own, after the conversion

# Major units of a currency for one euro. The rates are fixed, and only roughly right.
_PER_EURO = {
    "usd": 1.08, "gbp": 0.86, "jpy": 163.0, "chf": 0.95, "sek": 11.4, "nok": 11.6, "dkk": 7.46,
    "pln": 4.3, "czk": 25.1, "huf": 395.0, "cad": 1.47, "aud": 1.64, "kwd": 0.33, "inr": 90.0,
    "brl": 5.9, "isk": 149.0, "krw": 1480.0, "sgd": 1.45, "aed": 3.97, "bhd": 0.41,
    "afn": 76.0, "all": 99.0, "amd": 420.0, "ang": 1.93, "aoa": 985.0, "ars": 1050.0, "awg": 1.94,
    "azn": 1.84, "bam": 1.96, "bbd": 2.16, "bdt": 129.0, "bgn": 1.96, "bif": 3150.0, "bmd": 1.08,
    "bnd": 1.45, "bob": 7.5, "bsd": 1.08, "bwp": 14.6, "byn": 3.5, "bzd": 2.17, "cdf": 3080.0,
    "clp": 1020.0, "cny": 7.7, "cop": 4700.0, "crc": 555.0, "cve": 110.0, "djf": 192.0,
    "dop": 65.0, "dzd": 145.0, "egp": 53.0, "etb": 130.0, "eur": 1.0, "fjd": 2.43, "fkp": 0.86,
    "gel": 2.95, "gip": 0.86, "gmd": 76.0, "gnf": 9300.0, "gtq": 8.35, "gyd": 226.0, "hkd": 8.4,
    "hnl": 27.0, "htg": 142.0, "idr": 17500.0, "ils": 4.0, "jmd": 170.0, "jod": 0.77, "kes": 140.0,
    "kgs": 93.0, "khr": 4400.0, "kmf": 492.0, "kyd": 0.9, "kzt": 520.0, "lak": 23600.0,
    "lbp": 96700.0, "lkr": 317.0, "lrd": 205.0, "lsl": 19.5, "mad": 10.7, "mdl": 19.4,
    "mga": 4950.0, "mkd": 61.5, "mmk": 2270.0, "mnt": 3670.0, "mop": 8.65, "mur": 50.0,
    "mvr": 16.6, "mwk": 1870.0, "mxn": 21.0, "myr": 4.75, "mzn": 69.0, "nad": 19.5, "ngn": 1750.0,
    "nio": 39.7, "npr": 144.0, "nzd": 1.79, "omr": 0.42, "pab": 1.08, "pen": 4.05, "pgk": 4.25,
    "php": 62.0, "pkr": 300.0, "pyg": 8400.0, "qar": 3.93, "ron": 4.97, "rsd": 117.0, "rub": 100.0,
    "rwf": 1450.0, "sar": 4.05, "sbd": 9.0, "scr": 14.7, "shp": 0.86, "sle": 24.4, "sos": 617.0,
    "srd": 37.0, "std": 24500.0, "szl": 19.5, "thb": 37.0, "tjs": 11.5, "tnd": 3.36, "top": 2.52,
    "try": 37.0, "ttd": 7.3, "twd": 34.5, "tzs": 2800.0, "uah": 44.5, "ugx": 3970.0, "uyu": 45.0,
    "uzs": 13800.0, "vnd": 27300.0, "vuv": 128.0, "wst": 3.0, "xaf": 656.0, "xcd": 2.92,
    "xof": 656.0, "xpf": 119.3, "yer": 270.0, "zar": 19.5, "zmw": 28.8,
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
    if amount < _MINIMUM.get(currency, 0):
        raise InvalidParameter(
            f"Amount must be at least {formatted(_MINIMUM[currency], currency)}",
            code="amount_too_small",
            param="amount",
        )
    cents, _ = converted(amount, currency, "eur")
    if currency not in _MINIMUM and cents < MINIMUM_EURO_CENTS:
        raise InvalidParameter(
            f"Amount must convert to at least {MINIMUM_EURO_CENTS} cents."
            f" {formatted(amount, currency)} converts to approximately"
            f" {formatted(cents, 'eur')}.",
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


def converted(amount: int, currency: str, into: str) -> tuple[int, float | None]:
    """The amount in the minor unit of another currency, and the rate (None for the same one)."""
    if currency == into:
        return amount, None
    rate = round(_PER_EURO[into] / _PER_EURO[currency], 6)
    return round(amount * rate * 10 ** decimals(into) / 10 ** decimals(currency)), rate


def formatted(amount: int, currency: str) -> str:
    """The amount as text, such as `$10.00 usd`."""
    places = decimals(currency)
    text = f"{amount / 10**places:,.{places}f}"
    sign = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}.get(currency, "")
    return f"{sign}{text} {currency}"
