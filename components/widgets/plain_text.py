"""Text that is shown as it is, where Streamlit would read it as Markdown."""

import re

# CommonMark lets each ASCII punctuation character be escaped ("Backslash escapes").
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """`text` with nothing in it that Markdown would act on: typed words stay words."""
    return _PUNCTUATION.sub(r"\\\1", text)
