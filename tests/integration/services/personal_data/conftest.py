"""A world for each test."""

from tests.integration.services.conftest import world

__all__ = ["world"]
