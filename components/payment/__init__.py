"""One payment: its facts, its timeline, refund, capture and cancel."""
