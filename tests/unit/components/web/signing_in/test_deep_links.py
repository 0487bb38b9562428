"""Where somebody may be sent after sign-in."""

import pytest

from components.web.signing_in.deep_links import own_link


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://desk.example.com/payments", "/payments"),
        ("https://desk.example.com/payment?payment=pi_1&x=2", "/payment?payment=pi_1"),
        ("/", "/"),
        # Where Streamlit would draw "Page not found".
        ("https://desk.example.com/take_payment", None),
        ("https://desk.example.com/nothing", None),
        ("http://[::1/", None),
        ("http://[desk]/payments", None),
        ("http://[v1.x]:0x/payments", "/payments"),
        ("/payment?payment=%ff%fe", "/payment"),
        ("/payment?payment=%zz&%", "/payment"),
        ("/payment?" + "&" * 20_000, None),
        ("/payments?" + "a=1&" * 1_000, None),
        ("javascript:alert(1)", None),
        ("//evil.example/payments", "/payments"),
        ("\udce9\x00", None),
        ("", None),
    ],
)
def test_only_a_page_of_ours_and_its_parameters_are_kept(address: str, link: str | None) -> None:
    """Whatever a browser sends in its place."""
    assert own_link(address) == link
