"""Escapes text that Streamlit would read as Markdown."""

import re

# CommonMark lets each ASCII punctuation character be escaped ("Backslash escapes").
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """`text` with all Markdown escaped, so that it is shown as it was typed."""
    return _PUNCTUATION.sub(r"\\\1", text)
