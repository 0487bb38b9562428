"""Searching payments for what a caller says, by index alone.

Each way to search looks into one index for a beginning or a whole value, never a fragment: among
millions of payments that could only be found by reading them all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from cardpay.domain.errors import InvalidInput
from cardpay.domain.money import CURRENCIES, THREE_DECIMAL, ZERO_DECIMAL
from cardpay.domain.payment.order import order_claim
from cardpay.domain.personal_data.search_keys import typed_phone_key, typed_words
from cardpay.domain.receipt import payment_ids_of
from cardpay.domain.typed_amounts import parse_major
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    CustomerDetail,
    CustomerWord,
    Desk,
    Dispute,
    Payment,
    PaymentAttempt,
    PaymentLink,
    Refund,
)

_LAST_CHARACTER: Final = "\U0010ffff"
_LAST_FOUR: Final = re.compile(r"\d{4}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{3,}", re.ASCII)
_AMOUNT: Final = re.compile(
    r"(?P<before>[^\W\d_]{3}|[^\w\s]{1,3}|[A-Z]{2}\$)? ?(?P<number>\d[\d,.' ]*) ?"
    r"(?P<after>[^\W\d_]{3}|[^\w\s])?",
    re.IGNORECASE,
)
_SIGNS: Final = {
    "£": frozenset({"gbp"}),
    "€": frozenset({"eur"}),
    "¥": frozenset({"jpy", "cny"}),
    "$": frozenset(
        {"usd", "aud", "cad", "hkd", "nzd", "sgd", "mxn", "twd", "brl", "clp", "cop", "ars"}
    ),
    "us$": frozenset({"usd"}),
    "": frozenset(CURRENCIES),
}
# Under names of their own, since a query for payments may have these tables, too.
_PAYMENT: Final = aliased(Payment)
_ATTEMPT: Final = aliased(PaymentAttempt)
_REFUND: Final = aliased(Refund)
_DISPUTE: Final = aliased(Dispute)
_LINK: Final = aliased(PaymentLink)
_DETAIL: Final = aliased(CustomerDetail)
_FOUND_WORD: Final = aliased(CustomerWord)
_OTHER_WORD: Final = aliased(CustomerWord)
# Where Stripe's ids stand: the payment's id, the table, and the id's own column.
_Place = tuple[Mapped[Any], Any, Mapped[Any]]
_INTENTS: Final[_Place] = (col(_PAYMENT.id), _PAYMENT, col(_PAYMENT.stripe_payment_intent_id))
_CHARGES: Final[_Place] = (
    col(_ATTEMPT.payment_id),
    _ATTEMPT,
    col(_ATTEMPT.stripe_charge_id),
)
_REFUNDS: Final[_Place] = (col(_REFUND.payment_id), _REFUND, col(_REFUND.stripe_refund_id))
_DISPUTES: Final[_Place] = (col(_DISPUTE.payment_id), _DISPUTE, col(_DISPUTE.stripe_dispute_id))
_LINKS: Final[_Place] = (
    col(_LINK.id),
    _LINK,
    col(_LINK.stripe_checkout_session_id),
)
_PAYOUT: Final = "po_"
_PLACES: Final[dict[str, tuple[_Place, ...]]] = {
    "pi_": (_INTENTS,),
    "ch_": (_CHARGES,),
    "py_": (_CHARGES,),
    "re_": (_REFUNDS,),
    "pyr_": (_REFUNDS,),
    "du_": (_DISPUTES,),
    "dp_": (_DISPUTES,),
    "cs_": (_LINKS,),
    _PAYOUT: (_CHARGES, _REFUNDS, _DISPUTES),
}


@dataclass(frozen=True)
class Part:
    """One part of a filter: what must hold for a payment, and where an index has its payments.

    `ids` are queries of one column, each answered by one index; a payment may be in several. None
    where no index has them. `in_walk` is the same condition for a query that reads rows in another
    order: in a form for which SQLite does not leave that order, to read a long range and sort it.
    `in_count` is the same for a query that reads all of them.
    """

    holds: ColumnElement[bool]
    ids: Sequence[Select[str]] | None = None
    in_walk: ColumnElement[bool] | None = None
    in_count: ColumnElement[bool] | None = None


def listed(holds: ColumnElement[bool], ids: Sequence[Select[str]]) -> Part:
    """What is in other tables: asked of each payment in a walk; in a count, read all at once."""
    return Part(holds, ids, in_count=col(Payment.id).in_(union_all(*ids)))


def search_part(session: Session, text: str) -> Part:
    """The payments that match `text` in any of the ways to search."""
    typed = text.strip()
    ways = [
        *_stripe_ways(typed),
        *_payment_ways(session, typed),
        *_customer_ways(session, typed, col(Payment.id)),
        *_note_ways(session, typed),
    ]
    return listed(
        or_(*(way.holds for way in ways)), [one for way in ways for one in way.ids or ()]
    )


def _stripe_ways(typed: str) -> list[Part]:
    """What Stripe calls it, or something of it; a payout stands for the payments that it pays."""
    places = next((places for sign, places in _PLACES.items() if typed.startswith(sign)), ())
    values: Any = [typed]
    if typed.startswith(_PAYOUT):
        values = select(col(BalanceTransaction.stripe_source_id)).where(
            col(BalanceTransaction.stripe_payout_id) == typed
        )
    # The indexes of Stripe's ids begin with account and mode, of which a database has one each.
    account, livemode = (
        select(one).where(col(Desk.id) == 1).scalar_subquery()
        for one in (col(Desk.stripe_account_id), col(Desk.livemode))
    )
    found = [
        select(owner).where(
            table.stripe_account_id == account, table.livemode == livemode, column.in_(values)
        )
        for owner, table, column in places
    ]
    return [Part(col(Payment.id).in_(one), [one]) for one in found]


def _payment_ways(session: Session, typed: str) -> list[Part]:
    """What is written on the payment itself."""
    holds = [
        col(Payment.id) == typed.lower(),
        begins(session, col(Payment.search_reference), order_claim(typed)),
    ]
    if (ids := payment_ids_of(typed)) is not None:
        holds.append(col(Payment.id).between(*ids))
    if _NUMBER.fullmatch(typed):
        holds.append(col(Payment.search_number) == (typed.lstrip("0") or "0"))
    if _LAST_FOUR.fullmatch(typed):
        holds.append(col(Payment.card_last4) == typed)
    if amounts := _amounts(typed):
        minors = sorted({minor for minor, _ in amounts})
        in_currency = or_(
            *(
                and_(col(Payment.amount_minor) == minor, col(Payment.currency).in_(sorted(of)))
                for minor, of in amounts
            )
        )
        holds.append(and_(col(Payment.amount_minor).in_(minors), in_currency))
    return [Part(one, [select(col(Payment.id)).where(one)]) for one in holds]


def customer_part(session: Session, text: str, payment_id: SQLColumnExpression[str]) -> Part:
    """The payments of customers who match `text`, where a query's rows have `payment_id`."""
    ways = _customer_ways(session, text.strip(), payment_id)
    return Part(
        or_(false(), *(way.holds for way in ways)), [one for way in ways for one in way.ids or ()]
    )


def _customer_ways(
    session: Session, typed: str, payment_id: SQLColumnExpression[str]
) -> list[Part]:
    """What is known of the customer."""
    email = typed.casefold()
    details = []
    if len(typed.split()) == 1:
        details.append(begins(session, col(_DETAIL.search_email), email))
    if phone := typed_phone_key(typed):
        details.append(begins(session, col(_DETAIL.search_phone), phone))
    ways = [
        Part(
            exists().where(col(_DETAIL.payment_id) == payment_id, one),
            [select(col(_DETAIL.payment_id)).where(one)],
        )
        for one in details
    ]
    if words := typed_words(typed):
        ways.append(_with_words(session, words, payment_id))
    if "." in email and len(typed.split()) == 1 and email.rfind("@") <= 0:
        ways.append(_with_words(session, ["@" + email.removeprefix("@")], payment_id))
    return ways


def _note_ways(session: Session, typed: str) -> list[Part]:
    """What the notes say."""
    words = [f"#{word}" for word in typed_words(typed)]
    return [_with_words(session, words, col(Payment.id))] if words else []


def _with_words(
    session: Session, words: Sequence[str], payment_id: SQLColumnExpression[str]
) -> Part:
    """Customers of whom each of these is the beginning of a word.

    The longest, which the fewest have, is looked for; the others are looked up beside it.
    """
    first, *others = sorted(words, key=len, reverse=True)

    def has(owner: SQLColumnExpression[str], word: str) -> ColumnElement[bool]:
        return exists().where(
            col(_OTHER_WORD.payment_id) == owner, begins(session, col(_OTHER_WORD.word), word)
        )

    rest = [has(col(_FOUND_WORD.payment_id), word) for word in others]
    by_index = select(col(_FOUND_WORD.payment_id)).where(
        begins(session, col(_FOUND_WORD.word), first), *rest
    )
    return Part(and_(*(has(payment_id, word) for word in words)), [by_index])


def _amounts(typed: str) -> list[tuple[int, frozenset[str]]]:
    """The amounts in the minor unit that "245", "£245.00" or "245 EUR" may mean.

    Each with its currencies: what is one amount with two decimals is another one without.
    """
    written = _AMOUNT.fullmatch(" ".join(typed.split()))
    if written is None:
        return []
    sign = (written["before"] or written["after"] or "").lower()
    of = _SIGNS.get(sign, frozenset({sign}) & frozenset(CURRENCIES))
    kinds = (of & ZERO_DECIMAL, of & THREE_DECIMAL, of - ZERO_DECIMAL - THREE_DECIMAL)
    found = []
    for kind in kinds:
        if not kind:
            continue
        try:
            amount = parse_major(written["number"], min(kind - {"isk", "ugx"} or kind))
        except InvalidInput:
            continue
        found.append((amount.amount_minor, kind))
    return found


def begins(session: Session, column: Mapped[Any], text: str) -> ColumnElement[bool]:
    """The condition that a column begins with `text`, in a form that each database's index serves.

    SQLite uses an index for a range, since its columns compare by code point, and not for
    LIKE, which ignores case there. PostgreSQL compares by language, so only LIKE is right,
    and `text_pattern_ops` makes an index serve it.
    """
    if not text:
        return false()
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= text, column < text + _LAST_CHARACTER)
    return column.startswith(text, autoescape=True)
