"""Whether a page of this desk has asked, or one of another site."""

from urllib.parse import urlsplit


def is_own_page(address: str, host: str | None) -> bool:
    """Whether the address, or the origin, of a page is of `host`, as the request names it."""
    try:
        found = urlsplit(address).netloc
    except ValueError:  # brackets that are no address
        return False
    return bool(found) and found == host
