"""Escapes text that Streamlit would read as Markdown."""

import re

# CommonMark lets each ASCII punctuation character be escaped ("Backslash escapes").
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# Streamlit 1.67 looks for addresses of pages and of mail in what is left once escapes are read
# (mdast-util-gfm-autolink-literal), in each stretch of text by itself. So an empty span parts the
# signs that make an address; nobody sees it, and what is copied is what was typed.
_ADDRESS = re.compile(r"(?<=www)(?=\\\.)|(?<=\\/)(?=\\/)|(?=\\@)", re.IGNORECASE)
_EMPTY_SPAN = ":small[]"


def plain(text: str) -> str:
    """`text` with all Markdown escaped, so that it is shown as it was typed, and is no link."""
    return _ADDRESS.sub(_EMPTY_SPAN, _PUNCTUATION.sub(r"\\\1", text))
