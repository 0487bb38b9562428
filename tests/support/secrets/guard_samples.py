"""Card numbers in every disguise, and what merely looks like one: generated from a seed.

Written apart from the guard: prefixes, lengths and check digits come from the schemes' and the
standards' own documents, so that a mistake in the guard's tables is found here.
"""

import base64
import html
import random
import string
from collections.abc import Callable
from typing import Final
from urllib.parse import quote
from uuid import UUID

Chance = random.Random
Disguise = Callable[[Chance, str], str]
Writer = Callable[[Chance], str]
CAPITALS_AND_DIGITS: Final = string.ascii_uppercase + string.digits
LETTERS_AND_DIGITS: Final = string.ascii_letters + string.digits

# Each brand's prefixes, and the lengths that its numbers have today.
BRANDS: Final[dict[str, tuple[tuple[str, ...], tuple[int, ...]]]] = {
    "Visa 16": (("4",), (16,)),
    "Visa 19": (("4",), (19,)),
    "Mastercard 5": (("51", "52", "53", "54", "55"), (16,)),
    "Mastercard 2": (("2221", "2299", "23", "24", "25", "26", "270", "2720"), (16,)),
    "American Express": (("34", "37"), (15,)),
    "Discover": (("6011", "644", "649", "65"), (16, 19)),
    "Diners Club": (("300", "305", "3095", "36", "38", "39"), (14, 16, 19)),
    "JCB": (("3528", "3545", "3589"), (16, 19)),
    "UnionPay": (("62", "81"), (16, 17, 19)),
    "Maestro": (("50", "56", "57", "58", "60", "63", "66", "67", "69"), (16, 17, 19)),
    "Hipercard": (("606282", "637095", "637568", "384100", "384160"), (16, 19)),
    "Troy": (("9792", "65"), (16,)),
    "Verve": (("506099", "506198", "507865", "650002", "650027"), (16, 19)),
    "Elo": (("401178", "438935", "504175", "509000", "636297", "655021"), (16,)),
    "RuPay": (("508", "60", "652", "81", "82", "353", "356"), (16,)),
    "Mir": (("2200", "2202", "2204"), (16, 17, 19)),
    "Dankort": (("4571", "5019"), (16,)),
}
# Numbers of lengths that other things have, too: taken for a card where something says so.
UNCERTAIN: Final[dict[str, tuple[tuple[str, ...], tuple[int, ...]]]] = {
    "Visa 13": (("4",), (13,)),
    "Maestro 12 to 15": (("50", "56", "60", "67", "69"), (12, 13, 14, 15)),
    "UATP": (("1",), (15,)),
    "18 digits": (("2200", "50", "5060", "56", "60", "62", "63", "67", "69", "81"), (18,)),
}


def digits(chance: Chance, count: int) -> str:
    """So many random digits."""
    return "".join(chance.choices(string.digits, k=count))


def luhn_digit(body: str) -> str:
    """The check digit of a card number without it (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 + (place % 2 == 0))
        total += value // 10 + value % 10
    return str(-total % 10)


def card_number(chance: Chance, brand: str = "", before: str = "") -> str:
    """A number that the brand could have issued; without one, each brand equally often."""
    prefixes, lengths = {**BRANDS, **UNCERTAIN}[brand or chance.choice(list(BRANDS))]
    prefix = chance.choice(prefixes)
    body = prefix + digits(chance, chance.choice(lengths) - len(prefix) - 1)
    return before + body + luhn_digit(body)


def groups(number: str) -> list[str]:
    """In the groups in which it stands on the card."""
    sizes = {14: (4, 6, 4), 15: (4, 6, 5)}.get(len(number), (4, 4, 4, 4, 3))
    found, at = [], 0
    for size in sizes:
        found.append(number[at : at + size])
        at += size
    return [group for group in found if group]


def _halves(chance: Chance, number: str) -> str:
    words = ("and then", "then", "and", "followed by", "next", "the rest is", "wait", "und dann")
    parts = groups(number)
    middle = len(parts) // 2
    return f"{' '.join(parts[:middle])} {chance.choice(words)} {' '.join(parts[middle:])}"


def _spoken(chance: Chance, number: str) -> str:
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return " ".join("oh" if d == "0" and chance.random() < 0.5 else words[int(d)] for d in number)


def _track(chance: Chance, number: str) -> str:
    rest = f"30{chance.randrange(1, 13):02}101{digits(chance, 10)}"
    return chance.choice((f"%B{number}^DOE/JANE^{rest}?", f";{number}={rest}?"))


def _in_zeros(zeros: str) -> Disguise:
    def written(chance: Chance, number: str) -> str:
        zero = ord(chance.choice(zeros))
        return "".join(chr(zero + int(digit)) for digit in number)

    return written


def _between(signs: tuple[str, ...]) -> Disguise:
    return lambda chance, number: chance.choice(signs).join(groups(number))


DISGUISES: Final[dict[str, Disguise]] = {
    "bare": lambda _, n: n,
    "groups": lambda _, n: " ".join(groups(n)),
    "signs between groups": _between((".", "-", "–", "/", "_", ",", " - ", "*", "|", "--", "•")),
    "digit by digit": lambda c, n: c.choice((" ", "-", ".", ", ")).join(n),
    "two lines": lambda c, n: n[:8] + c.choice(("\n", "\r\n", " \n  ", "\n> ")) + n[8:],
    "a word between halves": _halves,
    "a word between all groups": lambda c, n: c.choice(
        (" and ", " then ", " dash ", " space ", ", then ")
    ).join(groups(n)),
    "a letter between groups": lambda c, n: c.choice("xXoOa").join(groups(n)),
    "a letter between digits": lambda c, n: c.choice("xXa").join(n),
    "00 before": lambda _, n: "00" + n,
    "+ before": lambda _, n: "+" + n,
    "9 before": lambda _, n: "9" + n,
    "9 before groups": lambda c, n: c.choice(("9", "9 ", "00 ")) + " ".join(groups(n)),
    "code or expiry glued": lambda c, n: n + digits(c, c.choice((3, 4))),
    "in a sentence": lambda _, n: f"ref 7, caller said {n}, exp 12/30",
    "between letters": lambda _, n: f"card{n}x",
    "zero-width": lambda c, n: c.choice("\u200b\u200d\u2060\ufeff\u00ad").join(n),
    "full-width": _in_zeros("０"),
    "other scripts": _in_zeros("٠۰०০๐𝟎𝟘"),
    "circled": lambda _, n: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(d)] for d in n),
    "emoji": lambda _, n: "".join(f"{d}\ufe0f\u20e3" for d in n),
    "letter O for zero": lambda c, n: n.replace("0", c.choice("oO")),
    "spoken": _spoken,
    "URL, every digit": lambda _, n: "".join(f"%3{d}" for d in n),
    "URL, twice": lambda _, n: "".join(f"%253{d}" for d in n),
    "URL, gaps": lambda c, n: f"card={c.choice(('%20', '%2D', '+', '%C2%A0')).join(groups(n))}",
    "URL, full-width": lambda _, n: quote("".join(chr(0xFF10 + int(d)) for d in n)),
    "HTML, decimal": lambda c, n: "".join(f"&#{48 + int(d):0{c.choice((2, 4))}d};" for d in n),
    "HTML, hexadecimal": lambda _, n: "".join(f"&#x3{d};" for d in n),
    "HTML, gaps": lambda _, n: "&nbsp;".join(groups(n)),
    "backslashes": lambda c, n: "".join(c.choice(("\\u00", "\\x")) + f"3{d}" for d in n),
    "base64": lambda _, n: base64.b64encode(n.encode()).decode(),
    "base64 of a sentence": lambda c, n: base64.b64encode(
        f"{'card '[:c.randrange(6)]}{' '.join(groups(n))}, thanks".encode()
    ).decode(),
    "hexadecimal": lambda c, n: c.choice(("", " ", ":")).join(f"{ord(d):02x}" for d in n),
    "track data": _track,
    "HTML tags": lambda _, n: "".join(f"<b>{html.escape(g)}</b>" for g in groups(n)),
}  # fmt: skip


def disguised(name: str, chance: Chance) -> str:
    """Another card number in that disguise."""
    return DISGUISES[name](chance, card_number(chance))


CODE_SENTENCES: Final = (
    "cvv {}", "CVC: {}", "cvv is the {}", "CID {}", "cid: {}", "CSC {}", "security code {}",
    "the security code is {}", "{} is the cvv", "three digits on the back {}",
    "the 3 digits on the back are {}", "digits on the back of the card: {}", "{} on the back",
    "code on the back is {}", "last three on the strip {}", "3 digit code {}", "CAV2 {}", "CVN {}",
    "card verification value {}", "sec code {}", "c.v.v. {}", "on the back it says {}",
    "Prüfnummer {}", "card code {}",
)  # fmt: skip


def code_sentence(chance: Chance) -> str:
    """A security code, as somebody would write it down."""
    sentence = chance.choice(CODE_SENTENCES)
    code = digits(chance, 4 if "CID" in sentence else 3)
    way = chance.randrange(4)
    if way == 0 and not sentence.startswith("{}"):
        code = _spoken(chance, code)
    elif way == 1:
        code = " ".join(code)
    return sentence.format(code)


# What merely looks like card data.

IBANS: Final = {
    "DE": "n18", "GB": "a4n14", "FR": "n10c11n2", "ES": "n20", "IT": "a1n10c12", "NL": "a4n10",
    "BE": "n12", "AT": "n16", "CH": "n5c12", "PL": "n24",
}  # fmt: skip
_ALPHABETS: Final = {
    "n": string.digits,
    "a": string.ascii_uppercase,
    "c": string.digits * 3 + string.ascii_uppercase,
}


def iban(chance: Chance) -> str:
    """An IBAN of one of ten countries with its right check digits (ISO 13616)."""
    country = chance.choice(list(IBANS))
    bban, at, form = "", 0, IBANS[country]
    while at < len(form):
        end = at + 1
        while end < len(form) and form[end].isdigit():
            end += 1
        bban += "".join(chance.choices(_ALPHABETS[form[at]], k=int(form[at + 1 : end])))
        at = end
    value = int("".join(str(int(c, 36)) for c in f"{bban}{country}00"))
    text = f"{country}{98 - value % 97:02}{bban}"
    if chance.random() < 0.5:
        text = " ".join(text[i : i + 4] for i in range(0, len(text), 4))
    return chance.choice(("{}", "IBAN {}", "pay to {}, thanks", "IBAN: {}")).format(text)


def gs1_digit(body: str) -> str:
    """The check digit of EAN, ISBN-13 and SSCC (GS1 General Specifications, 7.9)."""
    return str(-sum(int(d) * (3 - 2 * (at % 2)) for at, d in enumerate(reversed(body))) % 10)


def _gs1(body: str) -> str:
    return body + gs1_digit(body)


def ean(chance: Chance) -> str:
    """An EAN-13, of any of GS1's country prefixes."""
    prefix = f"{chance.choice((*range(20, 140), *range(300, 630), *range(690, 960))):03}"
    number = _gs1(prefix + digits(chance, 9))
    return chance.choice((number, f"{number[0]} {number[1:7]} {number[7:]}", f"EAN {number}"))


def isbn(chance: Chance) -> str:
    """An ISBN-13, with hyphens or without."""
    number = _gs1(chance.choice(("978", "979")) + digits(chance, 9))
    parts = f"{number[:3]}-{number[3]}-{number[4:6]}-{number[6:12]}-{number[12]}"
    return chance.choice((number, parts, parts.replace("-", " "), f"ISBN {parts}"))


def sscc(chance: Chance) -> str:
    """An SSCC-18, with its application identifier or without."""
    prefix = (
        f"{chance.choice((*range(20), *range(30, 140), *range(300, 630), *range(690, 960))):03}"
    )
    number = _gs1(digits(chance, 1) + prefix + digits(chance, 13))
    parts = f"{number[0]} {number[1:8]} {number[8:17]} {number[17]}"
    return chance.choice((number, f"(00){number}", f"00{number}", f"(00) {parts}", parts))


def ups(chance: Chance) -> str:
    """UPS: 1Z, account, service, parcel and check digit."""
    account = "".join(chance.choices(string.digits * 2 + string.ascii_uppercase, k=6))
    body = f"{account}{chance.choice(('01', '02', '03', '12', '66', 'YW'))}{digits(chance, 7)}"
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in body]
    check = -(sum(values[0::2]) + 2 * sum(values[1::2])) % 10
    number = f"1Z{body}{check}"
    parts = f"1Z {body[:3]} {body[3:6]} {body[6:8]} {body[8:12]} {body[12:]}{check}"
    return chance.choice((number, parts))


def dhl(chance: Chance) -> str:
    """DHL: express waybills, parcels of ten to twelve digits, licence plates."""
    way = chance.randrange(5)
    if way == 0:
        return digits(chance, 10)
    if way == 1:
        return f"JJD{digits(chance, 18)}"
    if way == 2:
        return f"JD01{digits(chance, 16)}"
    if way == 3:
        return digits(chance, 12)
    return "00" + _gs1(f"340434{digits(chance, 11)}")


def fedex(chance: Chance) -> str:
    """FedEx: twelve digits with a check digit, or 15, 20 or 22."""
    way = chance.randrange(5)
    if way < 2:
        body = digits(chance, 11)
        number = body + str(
            sum(int(d) * (1, 7, 3)[at % 3] for at, d in enumerate(reversed(body))) % 11 % 10
        )
        return chance.choice((number, f"{number[:4]} {number[4:8]} {number[8:]}"))
    if way == 2:
        return _gs1(digits(chance, 14))
    if way == 3:
        return _gs1("02" + digits(chance, 17))
    number = _gs1("96" + digits(chance, 19))
    return chance.choice((number, " ".join(number[at : at + 4] for at in range(0, 22, 4))))


def royal_mail(chance: Chance) -> str:
    """Royal Mail: the UPU's S10, and the 2D barcode's number."""
    letters = "".join(chance.choices(string.ascii_uppercase, k=2))
    if chance.random() < 0.7:
        number = f"{letters}{digits(chance, 9)}GB"
        return chance.choice((number, f"{letters} {number[2:6]} {number[6:10]} {number[10]}GB"))
    return f"{digits(chance, 2)}-{chance.getrandbits(32):08X} {chance.getrandbits(40):010X}"


ORDERS: Final[dict[str, Writer]] = {
    "prefixed": lambda c: f"ORD-2026-{digits(c, 6)}",
    "eight digits": lambda c: digits(c, 8),
    "ten digits": lambda c: digits(c, 10),
    "twelve digits": lambda c: digits(c, 12),
    "dated": lambda c: f"2026{c.randrange(1, 13):02}{c.randrange(1, 29):02}-{digits(c, 6)}",
    "dated to the second": lambda c: f"2026{c.randrange(1, 13):02}{c.randrange(1, 29):02}"
    f"{c.randrange(24):02}{c.randrange(60):02}{c.randrange(60):02}",
    "three parts": lambda c: f"{digits(c, 3)}-{digits(c, 7)}-{digits(c, 7)}",
    "two parts": lambda c: f"{digits(c, 2)}-{digits(c, 5)}-{digits(c, 5)}",
    "purchase order": lambda c: f"45{digits(c, 8)}/{c.randrange(100) * 10:05}",
    "milliseconds": lambda c: f"17{digits(c, 11)}",
    "UUID": lambda c: str(UUID(int=c.getrandbits(128))),
    "hexadecimal": lambda c: f"{c.getrandbits(64):016x}",
    "long hexadecimal": lambda c: f"{c.getrandbits(256):064x}",
    "letters and digits": lambda c: "".join(c.choices(CAPITALS_AND_DIGITS, k=17)),
    "padded": lambda c: f"{digits(c, 10):0>18}",
    "Stripe's id": lambda c: "pi_3" + "".join(c.choices(LETTERS_AND_DIGITS, k=23)),
    "token": lambda c: base64.b64encode(c.randbytes(32)).decode(),
}  # fmt: skip

# National numbers: country code, trunk prefix, and how the rest is grouped, by country.
PHONES: Final = {
    "GB": ("44", "0", ("7ddd dddddd", "20 dddd dddd", "161 ddd dddd")),
    "DE": ("49", "0", ("151 dddddddd", "30 dddddddd", "89/ddd ddd", "171-ddddddd", "30 ddd dd-d")),
    "FR": ("33", "0", ("6 dd dd dd dd", "1.dd.dd.dd.dd")),
    "ES": ("34", "", ("6dd ddd ddd", "91 ddd dd dd")),
    "IT": ("39", "", ("3dd ddddddd", "06 dddd dddd", "02.dddddddd")),
    "NL": ("31", "0", ("6 dddddddd", "20 ddd dddd")),
    "PL": ("48", "", ("5dd ddd ddd", "22 ddd dd dd")),
    "US": ("1", "", ("(ddd) ddd-dddd", "ddd-ddd-dddd", "ddd.ddd.dddd", "ddd ddd dddd x dddd")),
    "IN": ("91", "0", ("98ddd ddddd", "22 dddd dddd")),
    "AT": ("43", "0", ("664 ddddddd", "1 ddd dddd", "676 ddd dd ddd")),
}  # fmt: skip


def phone(chance: Chance) -> str:
    """A telephone number, as it is written at home, from abroad, or by E.164."""
    code, trunk, forms = PHONES[chance.choice(list(PHONES))]
    local = "".join(chance.choice(string.digits) if c == "d" else c for c in chance.choice(forms))
    plain = "".join(filter(str.isdigit, local))
    return chance.choice((
        f"+{code}{plain}", f"+{code} {local}", f"00{code}{plain}", f"00{code} {local}",
        f"{trunk}{local}", f"{trunk}{plain}", f"+{code} ({trunk or 0}) {local}",
        f"Tel. {trunk}{local}, {trunk}{plain[::-1]}", f"0{code} {local}",
    ))  # fmt: skip


def date(chance: Chance) -> str:
    """A date, a span of time, or both with an amount."""
    y, m, d = 2000 + chance.randrange(40), chance.randrange(1, 13), chance.randrange(1, 29)
    time = f"{chance.randrange(24):02}:{chance.randrange(60):02}"
    return chance.choice((
        f"{y}-{m:02}-{d:02} {time}", f"{d:02}/{m:02}/{y} to {d:02}/{m:02}/{y + 1}",
        f"{d}.{m}.{y}, {time}:00", f"{y}{m:02}{d:02}T{time.replace(':', '')}00Z",
        f"CSC {y} conference", f"from {y} and then {y + 1}", f"{d}/{m} at {time}, GBP 1,234.56",
        f"invoice {digits(chance, 6)} of {d:02}.{m:02}.{y}", f"CID {y} spring meeting",
        f"rooms {chance.randrange(100, 999)} and {chance.randrange(100, 999)} from {y}",
        "security code was read out twice", "back of the house, 12 steps down",
    ))  # fmt: skip


LOOKALIKES: Final[dict[str, Writer]] = {
    "IBANs of ten countries": iban,
    "EAN-13": ean,
    "SSCC-18": sscc,
    "ISBN-13": isbn,
    "UPS": ups,
    "DHL": dhl,
    "FedEx": fedex,
    "Royal Mail": royal_mail,
    "order numbers": lambda c: c.choice(list(ORDERS.values()))(c),
    "phones of ten countries": phone,
    "dates and ordinary words": date,
}
# Nobody can tell these from card numbers, whatever is done: their rate is only told.
INDISTINCT: Final[dict[str, Writer]] = {
    "thirteen random digits": lambda c: digits(c, 13),
    "fourteen random digits": lambda c: digits(c, 14),
    "fifteen random digits": lambda c: digits(c, 15),
    "sixteen random digits": lambda c: digits(c, 16),
    "nineteen random digits": lambda c: digits(c, 19),
}
# Repeated, each asks something else of the guard again and again.
HOSTILE: Final = {
    "digits": "4",
    "digits and spaces": "4 ",
    "numbers that fail": "4242 4242 4242 4241 ",
    "numbers": "4242424242424242 ",
    "a chain of numbers": "5555555555554444  22 -6 95 -3947 20",
    "words between": "4242 and 4242 then ",
    "letters between": "4x",
    "letters and dashes between": "4a-",
    "code names": "cvv is the ",
    "spoken": "four two ",
    "percent": "%25",
    "percent digits": "%34",
    "ampersands": "&#52;",
    "half entities": "&#0000",
    "base64": "NDI0MjQy",
    "hexadecimal": "34323",
    "hexadecimal digits": "3",
    "IBAN": "DE89 3704 ",
    "1Z": "1Z",
    "blanks": " ",
    "bullets": "•••• 4242 ",
    "zero-width": "4\u200b",
    "combining": "e\u0301",
    "backs": "three digits on the back ",
    "plus": "+",
    "tracks": "4242424242424242^",
}
