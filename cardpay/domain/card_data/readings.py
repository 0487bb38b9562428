"""What a text says beneath what is written: other digits, encodings, spoken numbers.

A reading knows for each of its characters which stretch of the written text it stands for, so that
what is found in it can be masked where it was written.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final
from urllib.parse import unquote

# Letters that are invisible (Unicode: "Default_Ignorable_Code_Point").
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ENCODED_TWICE: Final = 3  # as often as an address may have gone through an encoder

_ESCAPE: Final = re.compile(
    r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});"
    r"|\\(?:u(?P<u>[0-9A-Fa-f]{4})|x(?P<x>[0-9A-Fa-f]{2}))"
)
_SPOKEN_DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "nil": "0", "one": "1", "two": "2",
    "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
# ASCII: else an i without its dot would be taken for an i, and is in no table.
_SPOKEN_DIGIT: Final = rf"(?a:(?:(?:double|triple)[ -])?(?:{'|'.join(_SPOKEN_DIGITS)}))"
# Three in a row: one alone is an ordinary word.
_SPOKEN: Final = re.compile(
    rf"(?<![^\W_]){_SPOKEN_DIGIT}(?:[\s,.-]{{1,3}}{_SPOKEN_DIGIT}){{2,}}(?![^\W_])", re.IGNORECASE
)
# A quick check: lower case alone, and no boundaries.
_SPOKEN_HINT: Final = re.compile(
    rf"(?:{'|'.join(_SPOKEN_DIGITS)})[\s,.-]{{1,3}}(?:double[ -]|triple[ -])?"
    rf"(?:{'|'.join(_SPOKEN_DIGITS)})"
)
_SPOKEN_PART: Final = re.compile(r"(?:(double|triple)\W)?([a-z]+)", re.IGNORECASE | re.ASCII)
_TIMES: Final = {None: 1, "double": 2, "triple": 3}
# Typists' letters for digits.
_LETTER_DIGIT: Final = re.compile(r"(?<=[\dOo])[Oo](?=[\dOo\W]|$)|[Oo](?=\d)|(?<=\d)[lI](?=\d)")
_DIGIT_GROUP: Final = re.compile("[0-9]+")
_LARGEST_GROUP: Final = 8  # digits that somebody writes in one go
_WIDEST_GAP: Final = 12  # characters between two of them
_FEWEST_GROUPS: Final = 4
_THREE_GROUPS: Final = frozenset({(4, 6, 4), (4, 6, 5)})
# ASCII digits, spaces and dashes in base64: every fourth character is one of these (RFC 4648).
_BASE64: Final = re.compile(r"(?:[ILMNO][A-Za-z0-9+/_-]{3}){4}")
_BASE64_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_SHORTEST_BASE64: Final = 16
# Below that a number of which the rest is letters is none that a typist writes.
_DIGITS_BESIDE_LETTERS: Final = 4
# Possessive: a run is read once, whatever comes behind it.
_HEXADECIMAL: Final = re.compile(
    r"(?:0x|\\x)?3[0-9](?:[ :,-]?(?:0x|\\x)?(?:3[0-9]|20|2[dD])){11,}+"
)
_HEXADECIMAL_DIGITS: Final = frozenset("0123456789abcdefABCDEF")
_HEXADECIMAL_BYTE: Final = re.compile(r"(?:0x|\\x)?([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Reading:
    """A text, and where each of its characters starts and ends in what was written."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def replaced(self, pieces: Iterable[tuple[int, int, str]]) -> "Reading":
        """The reading with other text in place of these stretches, which are in order."""
        texts, starts, ends, position = list[str](), list[int](), list[int](), 0
        for start, end, text in pieces:
            texts += [self.text[position:start], text]
            starts += [*self.starts[position:start], *[self.starts[start]] * len(text)]
            ends += [*self.ends[position:start], *[self.ends[end - 1]] * len(text)]
            position = end
        if not texts:
            return self
        return Reading(
            "".join(texts) + self.text[position:],
            [*starts, *self.starts[position:]],
            [*ends, *self.ends[position:]],
        )


def plain(text: str) -> Reading:
    """`text` with ASCII digits and without invisible characters."""
    written = Reading(text, range(len(text)), range(1, len(text) + 1))
    if text.isascii():
        return written  # nothing to replace, as in most texts
    changed = ((m.start(), m.end(), usual) for m, usual in _unusual(text))
    return written.replaced(changed)


def _unusual(text: str) -> Iterator[tuple[re.Match[str], str]]:
    for match in _NOT_ASCII.finditer(text):
        usual = _usual(match.group())
        if usual != match.group():
            yield match, usual


@lru_cache(maxsize=10_000)
def _usual(character: str) -> str:
    # Cf: zero-width joiners, soft hyphens, marks of direction. Mn and Me: combining marks.
    if unicodedata.category(character) in {"Cf", "Mn", "Me"} or character in _BLANK_LETTERS:
        return ""
    value = unicodedata.numeric(character, -1)  # also circled, and those of words such as 四
    if value in range(10):
        return str(int(value))
    usual = unicodedata.normalize("NFKC", character)
    return usual if len(usual) == 1 else character


def unescaped(reading: Reading) -> Reading:
    """Without the encodings of addresses, HTML and programs, also where they are nested."""
    for _ in range(_ENCODED_TWICE):
        decoded = reading.replaced(_escapes(reading.text))
        if decoded is reading:
            break
        reading = decoded
    return reading


def _escapes(text: str) -> Iterator[tuple[int, int, str]]:
    if not ("%" in text or "&" in text or "\\" in text):
        return
    for match in _ESCAPE.finditer(text):
        start, end = match.span()
        if match["percent"]:
            decoded = unquote(match["percent"], errors="replace")
            if len(decoded) * 3 == end - start:  # one of ASCII each
                for at, character in enumerate(decoded):
                    yield start + 3 * at, start + 3 * at + 3, _usual(character)
                continue
        elif code := match["u"] or match["x"]:
            decoded = chr(int(code, 16))
        else:
            decoded = html.unescape(match.group())
        usual = "".join(map(_usual, decoded))
        if usual != match.group():
            yield start, end, usual


def spoken(reading: Reading) -> Reading:
    """With digits in place of spoken ones: "four two double four"."""
    return reading.replaced(_spoken(reading.text)) if _is_spoken(reading.text) else reading


def _is_spoken(text: str) -> bool:
    return _SPOKEN_HINT.search(text.lower()) is not None


def _spoken(text: str) -> Iterator[tuple[int, int, str]]:
    for run in _SPOKEN.finditer(text):
        position = run.start()
        for part in _SPOKEN_PART.finditer(text, run.start(), run.end()):
            times = _TIMES[part[1].lower() if part[1] else None]
            yield position, part.end(), _SPOKEN_DIGITS[part[2].lower()] * times
            position = part.end()


def with_letters_as_digits(reading: Reading) -> Reading:
    """With 0 and 1 in place of the letters O, l and I among digits."""
    return reading.replaced(
        (m.start(), m.end(), "0" if m.group() in "Oo" else "1")
        for m in _LETTER_DIGIT.finditer(reading.text)
    )


def with_even_gaps(reading: Reading) -> Reading:
    """With a space in place of what stands between all groups of digits alike."""
    return reading.replaced(_even_gaps(reading.text))


def _even_gaps(text: str) -> Iterator[tuple[int, int, str]]:
    for groups in _groups_with_one_gap(text):
        for (_, end), (start, _) in pairwise(groups):
            if not text[end:start].isspace():
                yield end, start, " "


def _groups_with_one_gap(text: str) -> Iterator[list[tuple[int, int]]]:
    """Groups of digits between which the same stands: "4242x4242x4242x4242", "4 and 2 and 4".

    Each text is gone through once: a pattern that remembers the gap would try every group with all
    that follow it.
    """
    run: list[tuple[int, int]] = []
    for match in _DIGIT_GROUP.finditer(text):
        group = match.span()
        is_one = group[1] - group[0] <= _LARGEST_GROUP
        if run and is_one and group[0] - run[-1][1] <= _WIDEST_GAP:
            if len(run) == 1 or text[run[-1][1] : group[0]] == text[run[-2][1] : run[-1][0]]:
                run.append(group)
                continue
            yield from _by_itself(text, run)
            run = [run[-1], group]
            continue
        yield from _by_itself(text, run)
        run = [group] if is_one else []
    yield from _by_itself(text, run)


def _by_itself(text: str, run: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The run, without what is a part of a word at its ends, if it is long enough for a number."""
    if run and _is_of_a_word(text, run[0][0] - 1):
        run = run[1:]
    if run and _is_of_a_word(text, run[-1][1]):
        run = run[:-1]
    if not run or _is_of_a_word(text, run[0][0] - 1) or _is_of_a_word(text, run[-1][1]):
        return
    sizes = tuple(end - start for start, end in run)
    if len(run) >= _FEWEST_GROUPS or sizes in _THREE_GROUPS:
        yield run


def _is_of_a_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and text[place].isalnum()


def encoded(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Start, end and meaning of what is base64 or hexadecimal for digits."""
    if _BASE64.search(reading.text):
        for token in _BASE64_TOKEN.finditer(reading.text):
            if _BASE64.search(token.group()):
                # Where another word touches it, it begins at any of four characters.
                for skipped in range(4):
                    yield *token.span(), _from_base64(token.group()[skipped:])
    for start, end in _hexadecimal(reading.text):
        values = (int(byte, 16) for byte in _HEXADECIMAL_BYTE.findall(reading.text[start:end]))
        yield start, end, "".join(map(chr, values))


def _hexadecimal(text: str) -> Iterator[tuple[int, int]]:
    """Runs of bytes that are digits in ASCII, and end where no more hexadecimal digit follows.

    One that does not may do so from its second character on, with its bytes cut in the middle.
    """
    behind = 0
    while run := _HEXADECIMAL.search(text, behind):
        start, behind = run.span()
        if text[behind : behind + 1] in _HEXADECIMAL_DIGITS:
            other = _HEXADECIMAL.match(text, start + 1)
            if other is None or text[other.end() : other.end() + 1] in _HEXADECIMAL_DIGITS:
                continue
            start, behind = other.span()
        yield start, behind


def _from_base64(token: str) -> str:
    whole = token[: len(token) // 4 * 4 + (0 if len(token) % 4 == 1 else len(token) % 4)]
    usual = whole.replace("-", "+").replace("_", "/")
    return base64.b64decode(usual + "=" * (-len(usual) % 4)).decode("latin-1")


def may_be_disguised(text: str, digits: int) -> bool:
    """Whether anything in it may be encoded or spoken digits: a quick check, often too careful.

    `digits` is how many it has that are neither.
    """
    return (
        "%" in text
        or "&" in text
        or "\\" in text
        or (len(text) >= _SHORTEST_BASE64 and _BASE64.search(text) is not None)
        or (not text.isalnum() and _is_spoken(text))
        or (digits >= _DIGITS_BESIDE_LETTERS and _LETTER_DIGIT.search(text) is not None)
    )
