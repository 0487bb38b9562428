"""How much of what it should find the card number guard finds, what it takes for it, its cost.

    python -m tests.benchmarks.guard

Prints the rates kind by kind, of 3,000 generated texts each, and what a check costs.
"""

from functools import partial
from random import Random
from statistics import median
from time import process_time
from typing import Final

from cardpay.domain.card_number_guard import mask_card_numbers
from tests.benchmarks.printed import show
from tests.support.secrets.guard_samples import (
    BRANDS,
    DISGUISES,
    HOSTILE,
    INDISTINCT,
    LOOKALIKES,
    UNCERTAIN,
    Writer,
    card_number,
    code_sentence,
    disguised,
)

TEXTS: Final = 3_000
SENTENCE: Final = "Boiler service, annual. Order SO-2026-0417 of 3 Dec, ring 020 7946 0958 first. "


def caught(write: Writer, seed: int) -> float:
    """The share of the texts that the guard masks."""
    texts = map(write, [Random(seed)] * TEXTS)
    return sum(mask_card_numbers(text) != text for text in texts) / TEXTS


def cost(text: str, turns: int) -> float:
    """The median of what a check takes, in microseconds."""
    times = []
    for _ in range(turns):
        began = process_time()
        mask_card_numbers(text)
        times.append(process_time() - began)
    return median(times) * 1e6


def main() -> None:
    """Print all of it."""
    found: dict[str, dict[str, float]] = {
        "caught by brand": {
            brand: caught(partial(card_number, brand=brand), 1) for brand in (*BRANDS, *UNCERTAIN)
        },
        "caught where a card is named": {
            brand: caught(partial(card_number, brand=brand, before="card "), 2)
            for brand in UNCERTAIN
        },
        "caught by disguise": {name: caught(partial(disguised, name), 3) for name in DISGUISES}
        | {"security codes": caught(code_sentence, 3)},
        "false hits": {name: caught(write, 4) for name, write in LOOKALIKES.items()},
        "false hits, not to be avoided": {
            name: caught(write, 5) for name, write in INDISTINCT.items()
        },
        "microseconds": {
            f"{kind}, {length} characters": cost((text * length)[:length], 200)
            for kind, text in (("sentence", SENTENCE), ("letters", "abc "), ("umlauts", "Grüße "))
            for length in (20, 200, 2_000)
        },
        "milliseconds for 100 kB": {
            name: cost((text * 100_000)[:100_000], 1) / 1_000 for name, text in HOSTILE.items()
        },
    }
    lines = []
    for title, rates in found.items():
        lines += ["", title]
        is_share = "caught" in title or "false" in title
        lines += [
            f"  {name:36} {rate:9.2%}" if is_share else f"  {name:36} {rate:9.1f}"
            for name, rate in rates.items()
        ]
    show(lines, found)


if __name__ == "__main__":
    main()
