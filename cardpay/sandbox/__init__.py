"""A stand-in for Stripe: its HTTP API, its test cards, its webhooks and its faults.

It is the embedded default of the demo and the test double of the suites. It knows nothing of
the rest of cardpay, so it can disagree with it.
"""

from cardpay.sandbox.fault_injection import ConnectionDropped
from cardpay.sandbox.http.request_handler import RecordedRequest, Reply
from cardpay.sandbox.sandbox import Sandbox

__all__ = ["ConnectionDropped", "RecordedRequest", "Reply", "Sandbox"]
