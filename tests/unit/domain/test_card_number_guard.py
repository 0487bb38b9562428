"""Card numbers and security codes are kept out of free text, and order references pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpay.domain.card_number_guard import (
    CardDataRefused,
    mask_card_numbers,
    refuse_card_data,
)

# Stripe docs, "Test cards": one of each scheme and length.
TEST_CARDS = (
    "4242424242424242",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6200000000000005",
    "6205500000000000004",
)

CARD_DATA = [
    pytest.param("4242424242424242", "•••• 4242", id="bare"),
    pytest.param("4242 4242 4242 4242", "•••• 4242", id="spaces"),
    pytest.param("4242.4242.4242.4242", "•••• 4242", id="dots"),
    pytest.param("4242-4242-4242-4242", "•••• 4242", id="dashes"),
    pytest.param("4242 – 4242 – 4242 – 4242", "•••• 4242", id="spaced dashes"),
    pytest.param("4242/4242/4242/4242", "•••• 4242", id="slashes"),
    pytest.param("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "•••• 4242", id="digit by digit"),
    pytest.param("4242\n4242\r\n4242\n4242", "•••• 4242", id="split over lines"),
    pytest.param("4242\u200b4242\u200d4242\ufeff4242", "•••• 4242", id="zero-width characters"),
    pytest.param("４２４２４２４２４２４２４２４２", "•••• 4242", id="full-width digits"),
    pytest.param("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "•••• 4242", id="Arabic digits"),
    pytest.param("3782 822463 10005", "•••• 0005", id="American Express"),
    pytest.param("caller said 4242424242424242, exp 12/30", "caller said •••• 4242, exp 12/30",
                 id="inside a sentence"),
    pytest.param("order 12 4242 4242 4242 4242 12/30", "order 12 •••• 4242 12/30",
                 id="between other numbers"),
    pytest.param("card4242424242424242x", "card•••• 4242x", id="between letters"),
    pytest.param("4242424242424242123", "•••• 4242", id="code glued to it"),
    pytest.param("4242424242424242 or 5555555555554444", "•••• 4242 or •••• 4444", id="two"),
    pytest.param("4242----4242....4242 -- 4242", "•••• 4242", id="repeated signs"),
    pytest.param("4242 - - 4242 - - 4242 - - 4242", "•••• 4242", id="signs with spaces"),
    pytest.param("5555555555554444  22 -6 95 -3947 20", "•••• •••• 3947 20",
                 id="a number that the last four begin"),
    pytest.param("cvv 123", "cvv •••", id="cvv"),
    pytest.param("cvv is the 123", "cvv is the •••", id="cvv in a sentence"),
    pytest.param("cvv 12 3", "cvv •••", id="code in two groups"),
    pytest.param("CVC: 123", "CVC: •••", id="cvc"),
    pytest.param("cvc123", "cvc•••", id="cvc without a gap"),
    pytest.param("Security code 1234", "Security code •••", id="security code"),
    pytest.param("the security code is 1 2 3", "the security code is •••", id="spoken code"),
    pytest.param("CVV２: １２３", "CVV２: •••", id="code in full-width digits"),
    pytest.param("ＣＶＶ 123", "ＣＶＶ •••", id="code's name in full-width letters"),
    pytest.param("c.v.v. 123", "c.v.v. •••", id="code's name in single letters"),
    pytest.param("4242424242424242, cvv 123", "•••• 4242, cvv •••", id="code behind the number"),
    pytest.param("cvv 123 4242424242424242", "cvv ••• •••• 4242", id="code before the number"),
    pytest.param("4242 4242 and then 4242 4242", "•••• 4242", id="a word between halves"),
    pytest.param("42424242 followed by 42424242", "•••• 4242", id="words between eights"),
    pytest.param("4242x4242x4242x4242", "•••• 4242", id="a letter between groups"),
    pytest.param("4242 and 4242 and 4242 and 4242", "•••• 4242", id="a word between groups"),
    pytest.param("3782x822463x10005", "•••• 0005", id="a letter in an American Express"),
    pytest.param("004242424242424242", "00•••• 4242", id="two zeros before it"),
    pytest.param("+4242424242424242", "+•••• 4242", id="a plus before it"),
    pytest.param("94242424242424242", "9•••• 4242", id="a nine before it"),
    pytest.param("9 4242 4242 4242 4242", "9 •••• 4242", id="a nine apart"),
    pytest.param("4O0O O000 O0O0 9995", "•••• 9995", id="the letter O"),
    pytest.param("four two " * 8, "•••• 4242 ", id="spoken"),
    pytest.param("%34%32" * 8, "•••• 4242", id="in an address"),
    pytest.param("%2534%2532" * 8, "•••• 4242", id="twice in an address"),
    pytest.param("n=4242%204242%204242%204242&a=b", "n=•••• 4242&a=b", id="gaps in an address"),
    pytest.param("&#52;&#x32;" * 8, "•••• 4242", id="in HTML"),
    pytest.param("<td>4242</td><td>4242</td><td>4242</td><td>4242</td>", "<td>•••• 4242</td>",
                 id="between tags"),
    pytest.param(r"\u0034\x32" * 8, "•••• 4242", id="in a program"),
    pytest.param("see NDI0MjQyNDI0MjQyNDI0Mg==", "see •••• 4242==", id="base64"),
    pytest.param("3432343234323432343234323432343" + "2", "•••• 4242", id="hexadecimal"),
    pytest.param("④②④②④②④②④②④②④②④②", "•••• 4242", id="circled"),
    pytest.param("四二四二四二四二四二四二四二四二", "•••• 4242", id="in Chinese"),
    pytest.param("%B4242424242424242^DOE/JANE^30121010000000123?", "%B•••• 4242",
                 id="first track"),
    pytest.param(";4242424242424242=30121010000000123?", ";•••• 4242", id="second track"),
    pytest.param("100012345678902", "•••• 8902", id="UATP"),
    pytest.param("UATP 100012345678928", "UATP •••• 8928", id="UATP like a parcel, by its name"),
    pytest.param("card 676700000000, exp 12/30", "card •••• 0000, exp 12/30",
                 id="a short Maestro, by its name"),
    pytest.param("card 4006381000093", "card •••• 0093", id="like an EAN, but called a card"),
    pytest.param("CID 1234", "CID •••", id="CID"),
    pytest.param("CSC 2026", "CSC •••", id="a code like a year"),
    pytest.param("three digits on the back 123", "three digits on the back •••", id="back"),
    pytest.param("the code on the back of the card is 123",
                 "the code on the back of the card is •••", id="back of the card"),
    pytest.param("back of card 123", "back of card •••", id="back of card"),
    pytest.param("123 (back of card)", "••• (back of card)", id="code before back of card"),
    pytest.param("number on the back 123", "number on the back •••", id="number on the back"),
    pytest.param("424242424242 ending 4242", "•••• 4242", id="twelve and the last four"),
    pytest.param("123 on the back", "••• on the back", id="code before the back"),
    pytest.param("security code one two three", "security code •••", id="spoken digits"),
    pytest.param("123 is the cvv", "••• is the cvv", id="code before its name"),
    pytest.param("on 5 May 30569309025904", "on 5 May •••• 5904", id="short, behind words"),
    pytest.param("5 30569309025904", "5 •••• 5904", id="short, behind a number"),
    pytest.param("5 3056 930902 5904", "5 •••• 5904", id="short, in a card's groups"),
]  # fmt: skip

HARMLESS = [
    pytest.param("", id="empty"),
    pytest.param("ORD-2026-001234", id="order"),
    pytest.param("4242424242424241", id="wrong check digit"),
    pytest.param("1234567890123452", id="no scheme begins with 1"),
    pytest.param("424242424242", id="too short"),
    pytest.param("+49 1511 2345678", id="phone"),
    pytest.param("+4444444444444", id="phone that passes Luhn"),
    pytest.param("paid with •••• 4242", id="last four"),
    pytest.param("pi_3MtwBwLkdIwHu7ix28a3tqPa", id="PaymentIntent id"),
    pytest.param("security code was read out twice", id="words without a code"),
    pytest.param("cvv 12345", id="too long for a code"),
    pytest.param("CAV6528OT9F4X43S", id="a transfer as its bank names it"),
    pytest.param("CSC 2026 conference", id="a conference and its year"),
    pytest.param("social security number 123-45-6789", id="another number"),
    pytest.param("last four digits 4242", id="last four digits"),
    pytest.param("Leave it on the back step, 123 High Street", id="a place in the back"),
    pytest.param("DE89 3704 0044 0532 0130 00", id="IBAN"),
    pytest.param("pay to GB33BUKB20201555555555, thanks", id="IBAN in a sentence"),
    pytest.param("4006381333931", id="EAN"),
    pytest.param("4006381000093", id="EAN that passes Luhn"),
    pytest.param("(00)340123450000000000", id="SSCC"),
    pytest.param("978-3-16-148410-0", id="ISBN"),
    pytest.param("00491511234567", id="phone from abroad"),
    pytest.param("600 123 456, 912 345 678", id="two phones"),
    pytest.param("from 2024 and then 2025 and then 2026 and then 2027", id="years"),
    pytest.param("rooms 12 to 14 on the back", id="no code before the back"),
    pytest.param("one two three o'clock", id="counting"),
]


@pytest.mark.parametrize(("text", "masked"), CARD_DATA)
def test_card_data_is_refused_without_an_echo(text: str, masked: str) -> None:
    """The refusal names the field and repeats no digit."""
    with pytest.raises(CardDataRefused) as refusal:
        refuse_card_data("Note", text)
    assert refusal.value.field == "Note"
    assert not any(character.isdigit() for character in refusal.value.sentence)


@pytest.mark.parametrize(("text", "masked"), CARD_DATA)
def test_card_data_from_elsewhere_is_masked(text: str, masked: str) -> None:
    """At most the last four digits stay, the words around them do, and twice is as once."""
    assert mask_card_numbers(text) == masked
    assert mask_card_numbers(masked) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_passes_unchanged(text: str) -> None:
    """What merely looks a little like card data is left alone."""
    refuse_card_data("Note", text)
    assert mask_card_numbers(text) == text


@pytest.mark.parametrize("number", TEST_CARDS)
def test_every_scheme_is_known(number: str) -> None:
    """Each scheme's test card is refused, bare and in groups of four."""
    grouped = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    for text in (number, grouped):
        with pytest.raises(CardDataRefused):
            refuse_card_data("Note", text)


# What people put between the groups, or between all digits, of a number.
SEPARATORS = (
    "", " ", "  ", "\t", "\u00a0", "\u2009", ".", "-", "–", "—", "\u2011", "/", "\\", "_", ",",
    "|", "*", "·", "+", ":", ";", " - ", " / ", "\n", "\r\n", "\n    ", "\n\n", "\u200b", "\u200d",
    "\u2060", "\ufeff", "\u00ad", "--", "....", " -- ", " - - ", "\u202e", "\u3164", "\x00",
)  # fmt: skip
# Digits of other scripts, by their zero.
ZEROS = ("٠", "۰", "०", "০", "๐", "０", "𝟎", "𝟘")
AROUND = ("{}", "card {} exp 12/30", "note:{}.", "ref 7, then {}\nthanks", "<b>{}</b>", "a{}b")


def corpus() -> list[str]:
    """Each scheme's number in each form, on its own and inside longer text."""
    written = []
    for number in TEST_CARDS:
        groups = [number[at : at + 4] for at in range(0, len(number), 4)]
        written += [separator.join(groups) for separator in SEPARATORS]
        written += [separator.join(number) for separator in SEPARATORS]
        written += ["".join(chr(ord(zero) + int(digit)) for digit in number) for zero in ZEROS]
    return [text.format(each) for each in dict.fromkeys(written) for text in AROUND]


def test_a_corpus_of_written_numbers_is_refused() -> None:
    """Thousands of ways to write a card number, and not one gets by or leaves digits behind."""
    texts = corpus()
    assert len(texts) >= 500
    missed = [text for text in texts if mask_card_numbers(text) == text]
    assert missed == []
    shown = [
        text
        for text in texts
        if sum(character.isdigit() for character in mask_card_numbers(text))
        > 4 + sum(character.isdigit() for character in "ref 7 exp 12/30")
    ]
    assert shown == []


@given(
    number=st.sampled_from([card for card in TEST_CARDS if len(card) >= 15]),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", "/", "\n", "\u200b", " - "]), min_size=19),
    before=st.sampled_from(["", "card ", "x", "ref 7, then "]),
    after=st.sampled_from(["", " 12/30", "x", "\nthanks", ", cvv 123", " cvv"]),
)
def test_separators_hide_nothing(number: str, gaps: list[str], before: str, after: str) -> None:
    """Whatever stands between the digits and around the number, it is found."""
    written = number[0] + "".join(
        gap + digit for gap, digit in zip(gaps, number[1:], strict=False)
    )
    with pytest.raises(CardDataRefused):
        refuse_card_data("Note", before + written + after)
    masked = mask_card_numbers(before + written + after)
    assert written not in masked
    assert mask_card_numbers(masked) == masked


@pytest.mark.parametrize("before", ["222 ", "222-\n", "22 2 "])
def test_a_number_of_which_a_part_is_an_article_s(before: str) -> None:
    """The last thirteen digits are an EAN by their check digit; with those before, a card."""
    with pytest.raises(CardDataRefused):
        refuse_card_data("Note", f"{before}3003122003222")


def test_a_chain_of_numbers_has_an_end() -> None:
    """Each number that is masked leaves the first four digits of another: all digits go."""
    masked = mask_card_numbers("4242424242424242" + " 424242424242" * 1_000)
    assert not any(character.isdigit() for character in masked)
    assert mask_card_numbers(masked) == masked


@pytest.mark.parametrize(
    "text",
    ["one two f\u0131ve s\u0131x", "NINE F\u0130VE S\u0130X", "six f\u0131ve one two three"],
)
def test_letters_that_only_look_like_others_are_no_digits(text: str) -> None:
    """An i without its dot, or with one on its capital, is of no English word."""
    assert mask_card_numbers(text) == text
