"""How old the figures are that somebody looks at, where they are read from a replica."""

from datetime import timedelta
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.storage.database.engine import Store

TOLD_FROM: Final = timedelta(minutes=1)
_UNITS: Final = (
    (timedelta(days=2), timedelta(days=1), "days"),
    (timedelta(hours=2), timedelta(hours=1), "hours"),
)


def figures_behind(store: Store, actor: Actor) -> str:
    """The sentence to show with lists, Insights and exports; empty up to a minute."""
    behind = store.behind(actor.actor_id)
    if behind <= TOLD_FROM:
        return ""
    return f"These figures are {_words(behind)} behind."


def _words(span: timedelta) -> str:
    for least, length, unit in _UNITS:
        if span >= least:
            return f"{span // length} {unit}"
    minutes = span // timedelta(minutes=1)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
