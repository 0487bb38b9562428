"""Form encoding with brackets."""

import pytest

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.form_encoding import Raw, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("a=1&b=", {"a": "1", "b": ""}, id="plain"),
        pytest.param("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}, id="nested"),
        pytest.param("a[]=x&a[]=y", {"a": {"0": "x", "1": "y"}}, id="list"),
        pytest.param("a[0]=x&a[1]=y", {"a": {"0": "x", "1": "y"}}, id="numbered list"),
        pytest.param("a%5Bb%5D=%C3%A9+%26", {"a": {"b": "é &"}}, id="escaped"),
        pytest.param("metadata[0]=x", {"metadata": {"0": "x"}}, id="a number for a key"),
    ],
)
def test_parse(text: str, expected: dict[str, Raw]) -> None:
    """Brackets nest. Lists are mappings, because only the parameter's type tells them apart."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["a[b=1", "a]b[=1", "[a]=1", "a=1&a[b]=2", "a" + "[b]" * 20_000 + "=1"]
)
def test_malformed(text: str) -> None:
    """A malformed name is a 400."""
    with pytest.raises(InvalidParameter):
        parse(text)
