"""The guard's rates over generated texts, kind by kind, and that no text holds it up."""

from functools import partial
from random import Random
from typing import Final

import pytest

from cardpay.domain.card_number_guard import mask_card_numbers
from tests.support.long_texts import costs_in_proportion
from tests.support.secrets.guard_samples import (
    BRANDS,
    DISGUISES,
    HOSTILE,
    LOOKALIKES,
    UNCERTAIN,
    Writer,
    card_number,
    code_sentence,
    disguised,
)

SEED: Final = 20
# How many texts of each kind; `python -m tests.benchmarks.guard` prints the rates of 3,000.
ALL: Final = pytest.param(3_000, marks=pytest.mark.full)


def hits(write: Writer, texts: int) -> int:
    """How many of the texts the guard masks."""
    written = map(write, [Random(SEED)] * texts)
    return sum(mask_card_numbers(text) != text for text in written)


@pytest.mark.parametrize("texts", [300, ALL])
def test_disguised_numbers_are_caught(texts: int) -> None:
    """99 of 100 of each kind, over all brands."""
    missed = {name: texts - hits(partial(disguised, name), texts) for name in DISGUISES}
    missed["security codes"] = texts - hits(code_sentence, texts)
    assert {name: count for name, count in missed.items() if count > 0.01 * texts} == {}


@pytest.mark.parametrize("texts", [300, ALL])
def test_every_brand_is_caught(texts: int) -> None:
    """Bare, or where the length is another number's, with a word for a card beside it."""
    found = {brand: hits(partial(card_number, brand=brand), texts) for brand in BRANDS} | {
        brand: hits(partial(card_number, brand=brand, before="card "), texts)
        for brand in UNCERTAIN
    }
    assert {brand: count for brand, count in found.items() if count < 0.99 * texts} == {}


@pytest.mark.parametrize("texts", [1_000, ALL])
def test_other_numbers_pass(texts: int) -> None:
    """At most one in a thousand of each kind is taken for card data."""
    taken = {name: hits(write, texts) for name, write in LOOKALIKES.items()}
    assert {name: count for name, count in taken.items() if count > texts / 1_000} == {}


@pytest.mark.sampled(2)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_holds_it_up(text: str) -> None:
    """Whatever it is made of."""
    assert costs_in_proportion(mask_card_numbers, text)
