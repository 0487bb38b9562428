"""What is stored and what is typed meet, however either is spelt."""

import pytest

from cardpay.domain.errors import CardpayError
from cardpay.domain.personal_data.search_keys import (
    check_search,
    phone_key,
    reference_number,
    stored_words,
    typed_phone_key,
    typed_words,
)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        pytest.param("Zoë Müller-Lüdenscheidt", "muller", id="no accents"),
        pytest.param("Zoe Muller", "MÜLL", id="accents typed"),
        pytest.param("Séan O\u2019Brien", "obrien", id="apostrophe left out"),
        pytest.param("Séan O'Brien", "o'brien", id="apostrophe"),
        pytest.param("Łukasz Sørensen", "lukasz sor", id="letters of their own"),
        pytest.param("Weiß & Söhne", "weiss", id="sharp s"),
        pytest.param("山田 太郎", "太", id="another writing"),
    ],
)
def test_every_word_of_a_name_is_found_from_its_beginning(name: str, typed: str) -> None:
    """Each word that is typed begins one that is stored."""
    stored = stored_words(name, None)
    words = typed_words(typed)
    assert words
    assert all(any(one.startswith(word) for one in stored) for word in words)


def test_the_domain_of_an_email_is_a_word() -> None:
    """With its sign, so that a name is never taken for it; nothing is one of nothing."""
    assert stored_words("Ann Firm", "Ann@Firm.Example") == {"ann", "firm", "@firm.example"}
    assert stored_words(None, None) == frozenset()
    assert stored_words("", "no address") == frozenset()


@pytest.mark.parametrize("stored", ["+44 7700 900123", "07700 900123", "0044-7700-900123"])
@pytest.mark.parametrize(
    "typed", ["07700 900123", "+44 (0)7700 900123", "7700900123", "900123", "00447700900123"]
)
def test_a_telephone_number_is_found_in_any_spelling(stored: str, typed: str) -> None:
    """From its end."""
    key, begins = phone_key(stored), typed_phone_key(typed)
    assert (key or "").startswith(begins or "nothing")


@pytest.mark.parametrize("typed", ["0123", "FH-900123", "", "12 Ann"])
def test_what_is_no_telephone_number_is_not_looked_for(typed: str) -> None:
    """Too short, or with letters."""
    assert typed_phone_key(typed) is None


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("FH-12877", "12877"),
        ("FH-000123", "123"),
        ("2024/17-B", "17"),
        ("order", None),
        ("A-0", "0"),
    ],
)
def test_the_number_of_a_reference(reference: str, number: str | None) -> None:
    """The last one, without zeros before it."""
    assert reference_number(reference) == number


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        pytest.param("a" * 201, "200 characters or fewer", id="long"),
        pytest.param("a b c d e f g h i j k", "10 words or fewer", id="many words"),
        pytest.param("a,b.c-d@e a,b.c-d@e k", "10 words or fewer", id="parted by signs"),
        pytest.param("4242 4242 4242 4242", "card number", id="card"),
    ],
)
def test_what_nobody_can_mean_is_not_searched_for(typed: str, words: str) -> None:
    """Each word would be looked for by itself: a pasted mail would hold the desk up."""
    with pytest.raises(CardpayError, match=words):
        check_search(typed)


@pytest.mark.parametrize("typed", ["", " " * 300, "a" * 200, "a b c d e f g h i j"])
def test_what_can_be_meant_is_searched_for(typed: str) -> None:
    """Up to the limits, blanks around it aside."""
    check_search(typed)


@pytest.mark.parametrize("letter", ["\u5c71", "\u3316", "x"])
def test_a_word_that_an_index_holds(letter: str) -> None:
    """A note without spaces is one word, of which the beginning is found."""
    note = letter * 1_000
    (word,) = stored_words(None, None, note)
    assert len(word.encode()) < 2_000
    assert word.removeprefix("#") == typed_words(note)[0]
