"""What every command that works on the desk begins with."""

from cardpay import settings
from cardpay.logs import log
from cardpay.settings import Settings


def begin() -> Settings:
    """The settings, with what is logged going to stderr; StartRefused.

    Whoever started a command reads its result: of the rest, warnings alone unless asked for.
    """
    chosen = settings.load()
    log.configure(chosen.log_format, chosen.log_level or "WARNING", chosen.secrets)
    return chosen
