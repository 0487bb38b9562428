"""The mail with a link, as the address that opens it."""

from urllib.parse import parse_qs, urlsplit

from components.payment_link.link_mail import link_text, mail_address


def test_a_mail_with_a_link() -> None:
    """Whatever the customer is called, the mail program gets it as it is."""
    text = link_text(
        name="Zoë & Søn?",
        amount="£120.00",
        order_reference="SO-1",
        url="https://checkout.example.com/c/pay/cs_1#a",
        until="14:05 on 29 February (GMT)",
        company="Fernhill Heating",
    )
    address = mail_address("zoe+1@example.com", "Payment for order SO-1", text)
    parts = urlsplit(address)
    fields = parse_qs(parts.query, strict_parsing=True)
    assert (parts.scheme, parts.path) == ("mailto", "zoe%2B1@example.com")
    assert fields["subject"] == ["Payment for order SO-1"]
    assert fields["body"] == [text.replace("\n", "\r\n")]
    assert "https://checkout.example.com/c/pay/cs_1#a" in text
    assert text.startswith("Dear Zoë & Søn?,\n")
