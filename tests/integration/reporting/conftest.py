"""The made-up past, for the lists that are made of it."""

from tests.integration.written_past import past

__all__ = ["past"]
