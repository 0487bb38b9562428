"""API versions: older ones are accepted, with the differences that a payment by card meets.

Stripe docs, "Versioning" and "Changelog". What is not named here is answered as in the newest
version, and the log says so once for each version.
"""

import logging
import re
from collections.abc import Mapping

from cardpay.sandbox.http.api_errors import EarlyRejection
from cardpay.sandbox.state.account_state import API_VERSION

_log = logging.getLogger(__name__)

OLDEST = "2011-01-01"
# Each major release has a name since the first of them. Before, a version was a date alone.
_NAMED_SINCE = {
    "acacia": "2024-09-30",
    "basil": "2025-03-31",
    "clover": "2025-09-30",
    "dahlia": "2026-03-25",
    "endive": "2026-09-30",
}
_VERSION = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:\.([a-z]+))?")

# From these versions on, by Stripe's changelog:
ONLY_LATEST_CHARGE = "2022-11-15"  # PaymentIntents lack `charges`, Charges lack `refunds`
AUTOMATIC_PAYMENT_METHODS = "2023-08-16"  # are what a bare create turns on
ASYNCHRONOUS_CAPTURE = "2024-04-10"  # is the default `capture_method`
ONLY_ALLOWED_TYPES = "2026-09-30"  # `payment_method_types` is refused

_warned: set[str] = set()


def requested(headers: Mapping[str, str]) -> str:
    """The version that a request asks for. Raises EarlyRejection if Stripe has no such version.

    The names in `headers` are in lower case.
    """
    version = headers.get("stripe-version", API_VERSION)
    if version == API_VERSION:
        return version
    if not _exists(version):
        raise EarlyRejection(400, f"Invalid Stripe API version: {version}")
    if version not in _warned:
        _warned.add(version)
        _log.warning("API version %s is answered mostly as %s", version, API_VERSION)
    return version


def is_before(version: str, day: str) -> bool:
    """Whether a version is older than the change of that day."""
    return version[: len(day)] < day


def _exists(version: str) -> bool:
    match = _VERSION.fullmatch(version)
    if match is None or not OLDEST <= match[1] <= API_VERSION[: len(OLDEST)]:
        return False
    names = [name for name, since in _NAMED_SINCE.items() if since <= match[1]]
    return match[2] == (names[-1] if names else None)
