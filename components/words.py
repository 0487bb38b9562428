"""Small pieces of sentences."""


def count(number: int, noun: str) -> str:
    """ "1 object", "12,000 objects"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
