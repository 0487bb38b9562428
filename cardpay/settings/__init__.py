"""Settings: what the environment and `.env` say, and what is refused at start.

Each subject has a file; `settings` puts them together, `loading` reads and checks them.
"""

from cardpay.settings.loading import check_all_but_keys, load, read
from cardpay.settings.settings import Settings

__all__ = ["Settings", "check_all_but_keys", "load", "read"]
