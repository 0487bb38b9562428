"""A simulated Stripe: its HTTP API and hosted pages, test cards, webhooks and injected faults.

It runs inside the demo and stands in for Stripe in the tests. It imports nothing else of cardpay,
so it cannot share a misunderstanding of Stripe with the code that it tests.
"""

from cardpay.sandbox.fault_injection import ConnectionDropped
from cardpay.sandbox.http.asgi_app import make_asgi_app
from cardpay.sandbox.http.request_handler import RecordedRequest, Reply
from cardpay.sandbox.sandbox import Sandbox

__all__ = ["ConnectionDropped", "RecordedRequest", "Reply", "Sandbox", "make_asgi_app"]
