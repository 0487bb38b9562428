"""Operations that wait for a person, and which person may decide about them.

Kinds are those of operations: create, confirm, cancel, capture, refund. The first three end by
themselves as soon as Stripe answers; a capture or a refund moves money that nobody may be
waiting for any more, so once its answer is missing only a person sends it again.
"""

from typing import Final

from cardpay.domain.access.actor import Actor, Permission

SENT_BY_PEOPLE: Final = frozenset({"capture", "refund"})
# A create or a confirm is only looked at, and charges nobody: that is what Operations is for.
PERMISSIONS: Final[dict[str, Permission]] = {
    "create": Permission.USE_OPERATIONS,
    "confirm": Permission.USE_OPERATIONS,
    "cancel": Permission.CANCEL_PAYMENT,
    "capture": Permission.CAPTURE_PAYMENT,
    "refund": Permission.REFUND_PAYMENT,
}


def may_try_again(actor: Actor, kind: str, *, needs_person: bool) -> bool:
    """Whether the actor may have Stripe asked again about an open operation of this kind."""
    allowed = actor.may(Permission.USE_OPERATIONS) and actor.may(PERMISSIONS[kind])
    return allowed and (needs_person or kind not in SENT_BY_PEOPLE)


def may_give_up(actor: Actor, kind: str, *, needs_person: bool) -> bool:
    """Whether the actor may end it: only what would wait for ever, and never too early."""
    return (
        kind in SENT_BY_PEOPLE
        and needs_person
        and may_try_again(actor, kind, needs_person=needs_person)
    )
