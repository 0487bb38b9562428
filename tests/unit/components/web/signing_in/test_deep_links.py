"""Where somebody may be sent after sign-in."""

import pytest

from components.web.signing_in.deep_links import own_link

PAYMENT = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://desk.example.com/payments", "/payments"),
        ("https://desk.example.com/payment?payment=pi_1&x=2", "/payment?payment=pi_1&x=2"),
        # A list with its filter, as colleagues send it to each other.
        (
            "https://desk.example.com/payments?from=2026-03-01&status=refunded&status=disputed",
            "/payments?from=2026-03-01&status=refunded&status=disputed",
        ),
        ("/payments?status=a%00b&currency=gbp", "/payments?currency=gbp"),
        ("/payments?X-Y=1&%0d%0aSet-Cookie=1&to=a%0d%0ab", "/payments"),
        ("/payments?product=" + "a" * 2_000, "/payments"),
        ("/", "/"),
        (f"https://desk.example.com/?payment={PAYMENT}", f"/?payment={PAYMENT}"),
        (f"/payments?payment={PAYMENT}&code=1&state=2", f"/payments?payment={PAYMENT}"),
        ("/payments?payment=../../x", "/payments"),
        ("/payment?payment=pi_3/../x", "/payment"),
        ("/payments/../../etc", None),
        ("/auth/logout", None),
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
