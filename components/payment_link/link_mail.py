"""The mail with which staff send a link: an address that opens it in their own mail program."""

from urllib.parse import quote


def mail_address(to: str, subject: str, text: str) -> str:
    """A `mailto:` address with its fields encoded; lines end as mail needs it (RFC 6068)."""
    fields = {"subject": subject, "body": text.replace("\n", "\r\n")}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return f"mailto:{quote(to, safe='@')}?{query}"


def link_text(
    *, name: str, amount: str, order_reference: str, url: str, until: str, company: str
) -> str:
    """What the customer reads. `amount` and `until` are formatted."""
    greeting = f"Dear {name}," if name else "Hello,"
    return "\n".join(
        (
            greeting,
            "",
            f"please pay {amount} for order {order_reference} here:",
            url,
            "",
            f"The link is open until {until}.",
            "",
            company,
        )
    )
