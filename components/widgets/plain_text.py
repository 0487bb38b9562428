"""Text as text: what somebody typed, or Stripe says, where Streamlit would read Markdown.

In HTML (`st.html`) it is `html.escape`, in fields and tables nothing is needed.
"""

import re

from cardpay.domain.cleaned_text import WORD_JOINER

# CommonMark lets each ASCII punctuation character be escaped ("Backslash escapes").
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# What makes a link of text that no sign marks is looked for after that, in the text that is left
# (GitHub Flavored Markdown, "Autolinks"): a joiner without width parts it.
_LINKED = re.compile(r"(www(?=\.)|https?:(?=//)|@)", re.IGNORECASE)
# What Streamlit draws as another sign, after that as well: "--", "->", "<=" (1.67).
_DRAWN_AS_ONE = re.compile(r"([-<>~](?=[->=]))")


def plain(text: str) -> str:
    """`text` with all Markdown escaped, so that it is shown as it was typed."""
    for parted in (_LINKED, _DRAWN_AS_ONE):
        text = parted.sub(rf"\1{WORD_JOINER}", text)
    return _PUNCTUATION.sub(r"\\\1", text)
