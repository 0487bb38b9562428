"""The totals of a business day as one query over the books, the same on both databases.

Neither database needs to know time zones: the hours of the day are a table of the query, with
their bounds in UTC.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    String,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import col

from cardpay.domain.business_days import hours_of
from cardpay.domain.payment.attempt import FAILED_ATTEMPTS, AttemptOutcome
from cardpay.domain.payment.display_status import PAID
from cardpay.domain.payment.refund import EXPIRED_HOLD, FINAL_REFUND_STATUSES, RefundStatus
from cardpay.domain.payment.totals import MEASURES, SETTLED_MEASURES, Split
from cardpay.storage.payments.balance_movements import payments_moved
from cardpay.storage.schema.tables import (
    BalanceTransaction,
    Dispute,
    Payment,
    PaymentAttempt,
    Refund,
)
from cardpay.storage.schema.types import UtcDateTime

_SUMS: Final = (*MEASURES, *SETTLED_MEASURES.values())
COLUMNS: Final = ("split", "day", "currency", "settled_in", "value", *_SUMS)
# What the facts of a total can be split by. SETTLED has facts of its own.
_SPLITS: Final = tuple(split for split in Split if split is not Split.SETTLED)
_ACCEPTED: Final = frozenset({AttemptOutcome.SUCCEEDED, AttemptOutcome.AUTHORISED})
# Troll in Antarctica sets its clock back by two hours: 0, 1, 2, 1, 2, 3 …
_MOST_HOURS: Final = 26


def parameters_of(day: date, zone: tzinfo) -> dict[str, Any]:
    """The parameters of `totals_of_a_day`."""
    hours = list(hours_of(day, zone))
    begins_at, ended_at = hours[0][1], hours[-1][2]
    found: dict[str, Any] = {"day": day, "day_begins_at": begins_at, "day_ended_at": ended_at}
    hours += [(0, ended_at, ended_at)] * (_MOST_HOURS - len(hours))
    for number, (hour, hour_begins_at, hour_ended_at) in enumerate(hours):
        found[f"hour_{number}"] = f"{day.isoweekday()}-{hour:02}"
        found[f"begins_at_{number}"], found[f"ended_at_{number}"] = hour_begins_at, hour_ended_at
    return found


@cache
def totals_of_a_day() -> Select[*tuple[Any, ...]]:
    """The query for COLUMNS of a day: a row for each split, currency and value.

    One object, since it takes SQLAlchemy longer to compile than a database to answer.
    """
    fact = union_all(_paid(), _tried(), _attempts(), _refunds(), _disputes()).cte("fact")
    split = union_all(*(select(literal(one, String).label("split")) for one in _SPLITS))
    split_by = split.cte("split_by")
    value = case(
        *((split_by.c.split == one, fact.c[one]) for one in _SPLITS if one is not Split.NOTHING),
        else_="",
    )
    of_books = select(
        split_by.c.split,
        fact.c.currency,
        fact.c.settled_in,
        value.label("value"),
        *(fact.c[name] for name in _SUMS),
    ).join_from(fact, split_by, true())
    every = union_all(of_books, _settled()).subquery()
    keys = (every.c.split, every.c.currency, every.c.settled_in, every.c.value)
    sums = (cast(func.sum(every.c[name]), BigInteger).label(name) for name in _SUMS)
    day = bindparam("day", type_=Date).label("day")
    return select(keys[0], day, *keys[1:], *sums).group_by(*keys)


_HOUR: Final = union_all(
    *(
        select(
            bindparam(f"hour_{number}", type_=String).label("hour"),
            bindparam(f"begins_at_{number}", type_=UtcDateTime).label("begins_at"),
            bindparam(f"ended_at_{number}", type_=UtcDateTime).label("ended_at"),
        )
        for number in range(_MOST_HOURS)
    )
).cte("business_hour")


def _in_day(at: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """That a time falls into the day, by which an index finds it."""
    return and_(
        at >= bindparam("day_begins_at", type_=UtcDateTime),
        at < bindparam("day_ended_at", type_=UtcDateTime),
    )


def _in_hour(at: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """That a time of the day falls into a row's hour."""
    return and_(_in_day(at), at >= _HOUR.c.begins_at, at < _HOUR.c.ended_at)


def _by_day_alone(column: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """The column in a form that no index serves: SQLite would rather walk all of a status."""
    return func.coalesce(column, "")


_LATEST_CHARGE: Final = and_(
    col(PaymentAttempt.stripe_charge_id) == col(Payment.latest_charge_id),
    col(PaymentAttempt.stripe_account_id) == col(Payment.stripe_account_id),
    col(PaymentAttempt.livemode) == col(Payment.livemode),
)


def _fact(
    currency: SQLColumnExpression[str],
    measures: Mapping[str, Any],
    own: Mapping[Split, Any] = {},
    settled_in: ColumnElement[Any] = literal("", String),  # noqa: B008 - it never changes
) -> list[ColumnElement[Any]]:
    """The columns of facts: of a payment's product and so on, unless they have their `own`.

    `settled_in` is the currency of their balance transactions.
    """
    attributes: dict[Split, Any] = {
        Split.PRODUCT: func.coalesce(Payment.product_name, ""),
        Split.TAKEN_BY: func.coalesce(Payment.taken_by, ""),
        Split.BRAND: func.coalesce(Payment.card_brand, ""),
        Split.COUNTRY: func.coalesce(PaymentAttempt.card_country, ""),
        Split.METHOD: func.coalesce(Payment.payment_method_type, ""),
        Split.HOUR: _HOUR.c.hour,
        Split.REASON: literal(""),
        **own,
    }
    return [
        currency.label("currency"),
        func.coalesce(settled_in, "").label("settled_in"),
        *(attributes[one].label(one) for one in _SPLITS if one is not Split.NOTHING),
        *(cast(measures.get(name, 0), BigInteger).label(name) for name in _SUMS),
    ]


_PAID_MOVED: Final = payments_moved(
    select(col(Payment.id)).where(
        _in_day(col(Payment.succeeded_at)),
        _by_day_alone(col(Payment.display_status)).in_(sorted(PAID)),
    )
).cte("paid_moved")


def _settled_sums(
    owner: SQLColumnExpression[Any], amount: SQLColumnExpression[Any]
) -> list[ColumnElement[Any]]:
    """By its owner what balance transactions moved, and in which currency: NULL for several."""
    currency = col(BalanceTransaction.currency)
    one = case((func.min(currency) == func.max(currency), func.min(currency)))
    return [owner.label("owner"), one.label("currency"), func.sum(amount).label("amount_minor")]


def _moved_amount(settled: Any, *, out: bool = False) -> ColumnElement[Any]:
    """In the currency of the balance; 0 where that is none or not one."""
    amount = -settled.c.amount_minor if out else settled.c.amount_minor
    return case((settled.c.currency.is_not(None), amount), else_=0)


_CHARGE_SETTLED: Final = (
    select(*_settled_sums(_PAID_MOVED.c.payment_id, col(BalanceTransaction.gross_minor)))
    .join_from(
        _PAID_MOVED,
        BalanceTransaction,
        _PAID_MOVED.c.transaction_id == col(BalanceTransaction.id),
    )
    .where(_PAID_MOVED.c.kind == "charge")
    .group_by(_PAID_MOVED.c.payment_id)
    .cte("charge_settled")
)


def _settled_of(table: type[Refund | Dispute], stripe_id: SQLColumnExpression[Any]) -> Any:
    """What left the balance for each of the refunds or disputes of the day.

    An outer join, so that SQLite begins with these and not with the whole balance.
    """
    return (
        select(*_settled_sums(col(table.id), col(BalanceTransaction.gross_minor)))
        .select_from(table)
        .outerjoin(
            BalanceTransaction,
            and_(
                col(BalanceTransaction.stripe_source_id) == stripe_id,
                col(BalanceTransaction.stripe_account_id) == col(table.stripe_account_id),
                col(BalanceTransaction.livemode) == col(table.livemode),
                col(BalanceTransaction.gross_minor) < 0,
            ),
        )
        .where(_in_day(col(table.created_at)))
        .group_by(col(table.id))
        .cte(f"{table.__tablename__}_settled")
    )


def _paid() -> Select[*tuple[Any, ...]]:
    paid = _fact(
        col(Payment.currency),
        {
            "payments": 1,
            "volume_minor": col(Payment.amount_received_minor),
            "settled_volume_minor": _moved_amount(_CHARGE_SETTLED),
        },
        settled_in=_CHARGE_SETTLED.c.currency,
    )
    return (
        select(*paid)
        .join_from(_HOUR, Payment, _in_hour(col(Payment.succeeded_at)))
        .outerjoin(PaymentAttempt, _LATEST_CHARGE)
        .outerjoin(_CHARGE_SETTLED, _CHARGE_SETTLED.c.owner == col(Payment.id))
        .where(_by_day_alone(col(Payment.display_status)).in_(sorted(PAID)))
    )


def _tried() -> Select[*tuple[Any, ...]]:
    """Each payment that was created in the hours, with what its attempts came to."""
    outcome = _by_day_alone(col(PaymentAttempt.outcome))
    card = func.coalesce(PaymentAttempt.card_fingerprint, PaymentAttempt.card_last4)
    tried = (
        select(
            _HOUR.c.hour,
            col(Payment.id).label("payment_id"),
            func.max(case((outcome.in_(sorted(_ACCEPTED)), 1), else_=0)).label("accepted"),
            func.max(case((outcome.in_(sorted(FAILED_ATTEMPTS)), 1), else_=0)).label("declined"),
            case((func.count(distinct(card)) > 1, 1), else_=0).label("cards"),
        )
        .join_from(_HOUR, Payment, _in_hour(col(Payment.created_at)))
        .join(PaymentAttempt, col(PaymentAttempt.payment_id) == col(Payment.id))
        .where(outcome.in_(sorted(_ACCEPTED | FAILED_ATTEMPTS)))
        .group_by(_HOUR.c.hour, col(Payment.id))
    ).subquery()
    measures = {
        "tried": 1,
        "accepted": tried.c.accepted,
        "declined": tried.c.declined,
        "saved": tried.c.accepted * tried.c.declined * tried.c.cards,
    }
    columns = _fact(col(Payment.currency), measures, {Split.HOUR: tried.c.hour})
    return (
        select(*columns)
        .join_from(tried, Payment, col(Payment.id) == tried.c.payment_id)
        .outerjoin(PaymentAttempt, _LATEST_CHARGE)
    )


def _attempts() -> Select[*tuple[Any, ...]]:
    attempt = PaymentAttempt
    accepted = case((col(attempt.outcome).in_(sorted(_ACCEPTED)), 1), else_=0)
    reason = (
        func.coalesce(attempt.decline_code, "") + "/" + func.coalesce(attempt.failure_code, "")
    )
    columns = _fact(
        col(attempt.currency),
        {"attempts": 1, "attempts_accepted": accepted},
        {
            Split.BRAND: func.coalesce(attempt.card_brand, ""),
            Split.METHOD: func.coalesce(attempt.method_type, ""),
            Split.REASON: case((accepted == 1, ""), else_=reason),
        },
    )
    return (
        select(*columns)
        .join_from(_HOUR, attempt, _in_hour(col(attempt.created_at)))
        .join(Payment, col(Payment.id) == col(attempt.payment_id))
        .where(col(attempt.outcome).in_(sorted(_ACCEPTED | FAILED_ATTEMPTS)))
    )


def _refunds() -> Select[*tuple[Any, ...]]:
    """Those that have returned money or will: the domain's `refunded_minor`, in SQL."""
    is_release = or_(
        func.coalesce(Refund.reason, "") == EXPIRED_HOLD,
        and_(
            col(Payment.amount_received_minor) < col(Payment.amount_minor),
            col(Refund.status) == RefundStatus.SUCCEEDED,
            col(Refund.stripe_balance_transaction_id).is_(None),
        ),
    )
    settled = _settled_of(Refund, col(Refund.stripe_refund_id))
    columns = _fact(
        col(Refund.currency),
        {
            "refunds": 1,
            "refunded_minor": col(Refund.amount_minor),
            "settled_refunded_minor": _moved_amount(settled, out=True),
        },
        settled_in=settled.c.currency,
    )
    return (
        select(*columns)
        .join_from(_HOUR, Refund, _in_hour(col(Refund.created_at)))
        .join(Payment, col(Payment.id) == col(Refund.payment_id))
        .outerjoin(PaymentAttempt, _LATEST_CHARGE)
        .outerjoin(settled, settled.c.owner == col(Refund.id))
        .where(col(Refund.status).not_in(sorted(FINAL_REFUND_STATUSES)), ~is_release)
    )


def _disputes() -> Select[*tuple[Any, ...]]:
    settled = _settled_of(Dispute, col(Dispute.stripe_dispute_id))
    columns = _fact(
        col(Dispute.currency),
        {
            "disputes": 1,
            "disputed_minor": col(Dispute.amount_minor),
            "settled_disputed_minor": _moved_amount(settled, out=True),
        },
        settled_in=settled.c.currency,
    )
    return (
        select(*columns)
        .join_from(_HOUR, Dispute, _in_hour(col(Dispute.created_at)))
        .outerjoin(Payment, col(Payment.id) == col(Dispute.payment_id))
        .outerjoin(PaymentAttempt, _LATEST_CHARGE)
        .outerjoin(settled, settled.c.owner == col(Dispute.id))
    )


def _settled() -> Select[*tuple[Any, ...]]:
    """Fees and net of the payments that were paid in the hours, by the balance's currency."""
    moved = _PAID_MOVED
    measures = {
        "fee_minor": col(BalanceTransaction.fee_minor),
        "net_minor": col(BalanceTransaction.net_minor),
    }
    return (
        select(
            literal(Split.SETTLED, String).label("split"),
            col(Payment.currency),
            func.coalesce(_CHARGE_SETTLED.c.currency, "").label("settled_in"),
            col(BalanceTransaction.currency).label("value"),
            *(cast(measures.get(name, 0), BigInteger).label(name) for name in _SUMS),
        )
        .join_from(moved, BalanceTransaction, moved.c.transaction_id == col(BalanceTransaction.id))
        .join(Payment, col(Payment.id) == moved.c.payment_id)
        .outerjoin(_CHARGE_SETTLED, _CHARGE_SETTLED.c.owner == moved.c.payment_id)
    )
