"""What somebody typed is never read as Markdown."""

import pytest

from components.widgets.plain_text import plain


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("SO 1", "SO 1"),
        ("**SO**", r"\*\*SO\*\*"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("a@example.com", r"a:small[]\@example\.com"),
        ("WWW.example.com", r"WWW:small[]\.example\.com"),
        ("https://example.com", r"https\:\/:small[]\/example\.com"),
        (":material/home:", r"\:material\/home\:"),
        ("£5 – ok", "£5 – ok"),
    ],
)
def test_every_sign_that_markdown_acts_on_is_escaped(typed: str, escaped: str) -> None:
    """Letters, digits and other scripts stay as they are."""
    assert plain(typed) == escaped
