"""What the commands that work on the desk begin with."""

from collections.abc import Iterator
from contextlib import contextmanager

from cardpay import bootstrap, settings
from cardpay.logs import configuration
from cardpay.services.desk import Desk
from cardpay.settings import Settings


def load_settings() -> Settings:
    """The checked settings, after logging was set up to go to stderr. StartRefused.

    Whoever started a command reads its result: only warnings are logged unless asked for more.
    """
    chosen = settings.load()
    configuration.configure(chosen.log_format, chosen.log_level or "WARNING", chosen.secrets)
    return chosen


@contextmanager
def running_desk() -> Iterator[Desk]:
    """A desk without its background work, closed at the end. StartRefused."""
    application = bootstrap.build(load_settings())
    try:
        yield application.desk
    finally:
        application.close()
