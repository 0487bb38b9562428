"""Which version of cardpay this is."""

from typing import Final

VERSION: Final = "0.1.0"  # pyproject.toml has the same; a test compares them
