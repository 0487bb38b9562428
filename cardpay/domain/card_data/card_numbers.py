"""Card numbers in a reading: digits, in groups with small gaps, or in two halves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cardpay.domain.card_data.card_schemes import (
    LONGEST,
    is_certain,
    lengths_from,
    passes_luhn,
)
from cardpay.domain.card_data.lookalikes import names_a_card

SHORTEST: Final = 12
_SHORTEST_CODE: Final = 3
# Shorter numbers made of several groups count only where a run of digits begins: inside one
# they are too often the tail of an order reference (3-7-7 digits is a usual shape).
_SHORTEST_INSIDE_A_RUN: Final = 15
# Inside a run, too, a short number is one in the groups in which it is written on the card.
_SHORT_SHAPES: Final = frozenset({(13,), (14,), (4, 6, 4), (4, 3, 3, 3)})
_UNCERTAIN_SHAPES: Final = frozenset({(4, 3, 3, 3)})  # Visa of thirteen digits
_SHAPES: Final = frozenset(
    {(4, 4, 4, 4), *((4, 4, 4, 4, rest) for rest in (1, 2, 3)), (4, 6, 5), (4, 6, 4)}
)
# How a number is cut in two, with words between.
_HALVED: Final = _SHAPES | {(8, 8), (4, 4, 8), (8, 4, 4), (12, 4), (4, 12), (8, 4, 4, 3)}
_HALF_BEGINS: Final = frozenset(shape[0] for shape in _HALVED)
_ORDER_SHAPE: Final = (3, 7, 7)  # Amazon's
# What somebody dials or writes before a number.
_PREFIXES: Final = ("00", "0", "9")
_SHORTEST_BEHIND_A_PREFIX: Final = 14
_SHORTEST_GLUED: Final = 14
# Of numbers in use none that begins like a card has more digits (ITU-T E.164 allows 15).
_MAX_PHONE_DIGITS: Final = 13
_NORTH_AMERICA: Final = "1"  # with an extension as long as the airlines' cards
# What a comma and a space may separate within one number.
_LISTED: Final = frozenset({(1, 1), (4, 4)})

# The most characters between two digits of one number. White space does not count, such as a
# line break with indentation, and a repeated character, as in "----", counts once.
_MAX_GAP: Final = 2
_MAX_WORDS: Final = 24  # characters of words between the halves of a number
_DIGITS: Final = re.compile("[0-9]+")
_SPACES: Final = re.compile(r"\s+")
_REPEATED: Final = re.compile(r"(.)\1+")
_CONNECTING: Final = re.compile(
    r"[\s,.;:()-]*(?:(?:and|then|next|plus|followed by|ending|in|with|the|last|four|rest|second"
    r"|half|is|und|dann|et|puis|y)\b[\s,.;:()-]*)+",
    re.IGNORECASE,
)
# What follows a number on a magnetic stripe (ISO/IEC 7813): name, expiry, codes.
_TRACK: Final = re.compile(r"\^[^^\n]{2,30}\^\d{4,40}\??|=\d{7,40}\??")


@dataclass(frozen=True)
class _Groups:
    """The groups of digits of a text: all digits in a row, and where each group is in both."""

    text: str
    digits: str
    places: list[int]  # of each digit in the text
    firsts: list[int]  # of each group's first digit among the digits
    ends: list[int]  # of the digit behind each group's last one
    joined: list[bool]  # whether only a small gap separates it from the one before

    def size(self, group: int) -> int:
        return self.ends[group] - self.firsts[group]

    def gap(self, group: int) -> str:
        """What stands before a group that is not the first."""
        return self.text[self.places[self.firsts[group] - 1] + 1 : self.places[self.firsts[group]]]


def card_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and last four digits of each card number, in order."""
    groups = _groups(text)
    if len(groups.digits) < SHORTEST:
        return
    used = -1
    for group, first in enumerate(groups.firsts):
        if first < used:
            continue
        found = _number_from(groups, group) or _halves_from(groups, group)
        if found is not None:
            start, end = found
            used = max(end, groups.ends[group])  # with what is glued to it
            yield groups.places[start], _end(groups, used), groups.digits[end - 4 : end]


def _groups(text: str) -> _Groups:
    runs = [match.span() for match in _DIGITS.finditer(text)]
    places = [place for start, end in runs for place in range(start, end)]
    firsts, ends, joined, total, before = [], [], list[bool](), 0, (0, 0)
    for start, end in runs:
        firsts.append(total)
        total += end - start
        ends.append(total)
        sizes = (before[1] - before[0], end - start)
        joined.append(bool(before[1]) and _is_small(text[before[1] : start], *sizes))
        before = (start, end)
    return _Groups(text, "".join(text[a:b] for a, b in runs), places, firsts, ends, joined)


def _is_small(gap: str, size_before: int, size: int) -> bool:
    if gap.isspace() or len(gap) == 1:
        return not gap.isalnum()
    if "••" in gap or (gap[0] in ",;" and (size_before, size) not in _LISTED):
        return False  # the last four of a masked number; a list of other numbers
    small = _REPEATED.sub(r"\1", _SPACES.sub("", gap))
    return len(small) <= _MAX_GAP and not any(map(str.isalnum, small))


def _number_from(groups: _Groups, group: int) -> tuple[int, int] | None:
    """The digits of the longest card number that begins with `group`: first, and behind last."""
    first, last = groups.firsts[group], group
    while (
        last + 1 < len(groups.firsts)
        and groups.joined[last + 1]
        and groups.ends[last] - first < LONGEST + 2
    ):
        last += 1
    ends = groups.ends[group : last + 1]
    for prefix in ("", *_PREFIXES):
        start = first + len(prefix)
        if start < ends[0] and groups.digits.startswith(prefix, first):
            for length in sorted(lengths_from(groups.digits[start : start + 6]), reverse=True):
                if _is_number(groups, group, start, length, ends):
                    return start, start + length
    return None


def _is_number(groups: _Groups, group: int, start: int, length: int, ends: list[int]) -> bool:
    end = start + length
    if end > ends[-1]:
        return False
    # A number may be followed by an expiry or a code without a gap: cut inside the first group,
    # elsewhere only where a group ends.
    is_prefixed = start != groups.firsts[group]
    if end not in ends and (end > ends[0] or is_prefixed or length < _SHORTEST_GLUED):
        return False
    if end < ends[0] < end + _SHORTEST_CODE and length < _SHORTEST_INSIDE_A_RUN:
        return False
    number = groups.digits[start:end]
    if not passes_luhn(number):
        return False
    sizes = [ends[0] - start, *(b - a for a, b in pairwise(ends) if a < end)]
    shape = (length,) if end <= ends[0] else tuple(sizes)
    place = groups.places[start]
    before = groups.text[max(0, place - 4) : place].rstrip(" (0123456789")
    is_dialled = before.endswith("+") or groups.digits[max(0, start - 2) : start] == "00"
    if is_dialled and (length <= _MAX_PHONE_DIGITS or number.startswith(_NORTH_AMERICA)):
        return False
    if shape == _ORDER_SHAPE:
        return False
    if is_prefixed and (
        length < _SHORTEST_BEHIND_A_PREFIX or (len(shape) > 1 and shape not in _SHAPES)
    ):
        return False
    if groups.joined[group] and length < _SHORTEST_INSIDE_A_RUN and shape not in _SHORT_SHAPES:
        return False
    return (
        is_certain(number)
        or shape in _UNCERTAIN_SHAPES
        or names_a_card(groups.text, place, groups.places[end - 1])
    )


def _halves_from(groups: _Groups, group: int) -> tuple[int, int] | None:
    """A number that begins with `group` and has words between two of its groups."""
    shape: tuple[int, ...] = (groups.size(group),)
    worded = 0
    if shape[0] not in _HALF_BEGINS:
        return None
    for other in range(group + 1, min(group + 5, len(groups.firsts))):
        if not groups.joined[other]:
            gap = groups.gap(other)
            worded += 1
            if worded > 1 or len(gap) > _MAX_WORDS or "••" in gap:
                return None
            if max(shape[-1], groups.size(other)) > 6 and not _CONNECTING.fullmatch(gap):
                return None
        shape = (*shape, groups.size(other))
        start, end = groups.firsts[group], groups.ends[other]
        number = groups.digits[start:end]
        if (
            worded
            and shape in _HALVED
            and len(number) in lengths_from(number[:6])
            and is_certain(number)
            and passes_luhn(number)
        ):
            return start, end
    return None


def _end(groups: _Groups, behind: int) -> int:
    """Where a number ends in the text, with what is on the stripe behind it."""
    end = groups.places[behind - 1] + 1
    track = _TRACK.match(groups.text, end)
    return track.end() if track else end
