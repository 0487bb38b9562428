"""What somebody typed is never read as Markdown."""

import pytest

from cardpay.domain.cleaned_text import tidy
from components.widgets.plain_text import plain


@pytest.mark.parametrize(
    ("typed", "escaped"),
    [
        ("SO 1", "SO 1"),
        ("**SO**", r"\*\*SO\*\*"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("a@example.com", "a\\@\u2060example\\.com"),
        ("www.example.com/x", "www\u2060\\.example\\.com\\/x"),
        ("HTTPS://example.com", "HTTPS\\:\u2060\\/\\/example\\.com"),
        (":material/home:", r"\:material\/home\:"),
        ("SO--1", "SO\\-\u2060\\-1"),
        ("a <-> b", "a \\<\u2060\\-\u2060\\> b"),
        ("1 >= 0", "1 \\>\u2060\\= 0"),
        ("£5 – ok", "£5 – ok"),
    ],
)
def test_every_sign_that_markdown_acts_on_is_escaped(typed: str, escaped: str) -> None:
    """Letters, digits and other scripts stay as they are."""
    assert plain(typed) == escaped


def test_what_is_copied_from_the_screen_is_what_was_typed() -> None:
    """The joiner that parts a link is taken out of all that people type."""
    assert tidy(plain("www.example.com").replace("\\", "")) == "www.example.com"
