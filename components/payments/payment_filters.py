"""The filters of the list of payments: all but the search are in the address, to be sent."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import streamlit as st

from cardpay.domain.access.actor import Actor
from cardpay.domain.business_days import WEEKDAYS
from cardpay.domain.errors import InvalidInput
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.typed_amounts import parse_range
from cardpay.reporting.payments.filter_choices import FilterChoices, filter_choices
from cardpay.reporting.payments.method_words import brand_name, country_name, method_name
from cardpay.reporting.payments.payment_filter import NOT_SETTLED, DayOf, PaymentFilter
from cardpay.services.desk import Desk
from components.frame import address
from components.frame.desk_access import keep_session_active
from components.frame.session_state import uninterrupted
from components.widgets.period_fields import DAY_PARAMETERS, clear_days, period_fields
from components.widgets.plain_text import plain
from components.widgets.text_fields import text_field

_SEARCH: Final = "payments.search"
_LAST_FOUR: Final = re.compile(r"\d{4}", re.ASCII)
# Amounts of an unknown currency are read with two decimals, as most currencies have.
_TWO_DECIMALS: Final = "gbp"
_HOURS: Final = tuple(f"{weekday}-{hour:02}" for weekday in range(1, 8) for hour in range(24))
_YES_OR_NO: Final = ("yes", "no")
# What stands in the address for the fields that are folded away.
_TYPED: Final = ("amount", "last4")
_CHOSEN: Final = (
    "currency",
    "product",
    "taken_by",
    "brand",
    "decline_code",
    "method",
    "moto",
    "link",
    "elsewhere",
    "country",
    "hour",
    "settled",
    "by",
)
_FOLDED: Final = (*_TYPED, *_CHOSEN)


@dataclass
class _Read:
    """What was read of the fields, and whether something in them is wrong.

    `folded` are those of the fields that are folded away and hold something: parameter and words.
    """

    chosen: PaymentFilter
    wrong: bool = False
    folded: list[tuple[str, str]] = field(default_factory=list)

    def note(self, parameter: str, label: str, words: str) -> None:
        """Keep what a folded field holds."""
        self.folded.append((parameter, f"{label}: {words}"))


def payment_filters(desk: Desk, actor: Actor, today: date) -> PaymentFilter | None:
    """Draw the filters; returns what they hold, or None while one of them is wrong and says so."""
    if address.is_new((*DAY_PARAMETERS, "status", *_FOLDED)):
        _empty()  # a link is the whole view, whatever was chosen before
    for parameter in _FOLDED:
        address.take(parameter, _key(parameter), _last)
    offered = filter_choices(desk.store, actor, desk.now())
    search_place, *days_places, status_place = st.columns([34, 15, 14, 14, 18])
    with search_place:
        search = text_field(
            "Search",
            _SEARCH,
            placeholder="Name, phone, email, order, amount, pi_…",
            on_change=keep_session_active,
            persist_state="session",
        )
    days = period_fields(days_places, today)
    chosen = PaymentFilter(statuses=_statuses(status_place), search=search)
    if days is not None:
        chosen = replace(chosen, days=days)
    more_place, clear_place = st.columns([5, 1])
    read = _Read(chosen, wrong=days is None)
    with more_place.expander(_label(), key="payments.more", icon=":material/tune:"):
        _folded(read, offered)
    _folded_away(read)
    if read.wrong or not read.chosen.is_empty:
        clear_place.button(
            "Clear filters",
            icon=":material/filter_alt_off:",
            type="tertiary",
            on_click=uninterrupted(clear_filters),
        )
    return None if read.wrong else read.chosen


def clear_filters() -> None:
    """Empty every field; for a button's callback."""
    keep_session_active()
    _empty()


def begin_anew() -> None:
    """For whoever comes from another page: the search, which stands in no address, is empty.

    So are all fields where the address says nothing; an address is the whole view.
    """
    if st.query_params:
        st.session_state[_SEARCH] = ""
    else:
        _empty()


def _empty() -> None:
    clear_days()
    st.session_state[_key("status")] = []
    for parameter in _CHOSEN:
        st.session_state[_key(parameter)] = None
    for key in (_SEARCH, *(_key(parameter) for parameter in _TYPED)):
        st.session_state[key] = ""


def _last(given: list[str]) -> str:
    return given[-1]


def _key(parameter: str) -> str:
    return f"payments.{parameter}"


def _label() -> str:
    """With the number of those that are set."""
    number = sum(bool(st.session_state.get(_key(parameter))) for parameter in _FOLDED)
    return f"Filters ({number})" if number else "Filters"


def _folded_away(read: _Read) -> None:
    """Say what the folded fields hold, each to be removed: a view may have filled them."""
    if not read.folded:
        return
    with st.container(horizontal=True, gap="small"):
        for parameter, words in read.folded:
            st.button(
                plain(words),
                icon=":material/close:",
                help="Remove this filter",
                key=f"payments.remove.{parameter}",
                on_click=uninterrupted(_remove),
                args=(parameter,),
            )


def _remove(parameter: str) -> None:
    keep_session_active()
    st.session_state[_key(parameter)] = "" if parameter in _TYPED else None


def _folded(read: _Read, offered: FilterChoices) -> None:
    first, second, third, fourth = (st.columns(4) for _ in range(4))
    for key in (_key("currency"), _key("by"), _key("settled")):  # a link may have other capitals
        st.session_state[key] = (st.session_state.get(key) or "").lower() or None
    currency = _one_of(read, first[1], "Currency", "currency", offered.currencies, str.upper)
    least, most = _amount(first[0], read, currency)
    people = offered.people
    settled_in, not_settled_in = _settled(read, fourth[1], offered.settled_in)
    by = _one_of(read, third[3], "Period is when", "by", tuple(DayOf), str.capitalize, "Created")
    read.chosen = replace(
        read.chosen,
        amount_from=least,
        amount_to=most,
        currency=currency,
        product=_one_of(read, first[2], "Product", "product", offered.products),
        # By id in the address, where a name has no business.
        taken_by=_one_of(read, first[3], "Taken by", "taken_by", people, lambda one: people[one]),
        brand=_one_of(read, second[0], "Card brand", "brand", offered.brands, brand_name),
        last4=_last4(second[1], read),
        decline_code=_one_of(
            read, second[2], "Decline code", "decline_code", offered.decline_codes
        ),
        method=_one_of(
            read,
            second[3],
            "Payment method",
            "method",
            offered.methods,
            lambda one: method_name(one, ""),
        ),
        moto=_yes_or_no(read, third[0], "Telephone order", "moto"),
        by_link=_yes_or_no(read, third[1], "Payment link", "link"),
        elsewhere=_yes_or_no(read, third[2], "Taken elsewhere", "elsewhere"),
        by=DayOf(by or DayOf.CREATED),
        country=_one_of(
            read, fourth[0], "Card country", "country", offered.countries, country_name
        ),
        weekday_and_hour=_one_of(read, fourth[2], "Weekday and hour", "hour", _HOURS, _hour_words),
        settled_in=settled_in,
        not_settled_in=not_settled_in,
    )


def _hour_words(option: str) -> str:
    weekday, _, hour = option.partition("-")
    return f"{WEEKDAYS[int(weekday) - 1]} {hour}:00"


def _settled(
    read: _Read, place: Any, currencies: Collection[str]
) -> tuple[str | None, str | None]:
    """The currency of the balance in which they settled, or did not."""
    options = [f"{before}{one}" for one in currencies for before in ("", NOT_SETTLED)]
    chosen = _one_of(read, place, "Settled in", "settled", options, _settled_words)
    if chosen is None:
        return None, None
    currency = chosen.removeprefix(NOT_SETTLED)
    return (currency, None) if chosen == currency else (None, currency)


def _settled_words(option: str) -> str:
    currency = option.removeprefix(NOT_SETTLED)
    return currency.upper() if currency == option else f"Not in {currency.upper()}, or not yet"


def _statuses(place: Any) -> frozenset[DisplayStatus]:
    key = _key("status")
    known = {status.lower(): status for status in DisplayStatus}
    address.take(
        "status", key, lambda given: [known[one.lower()] for one in given if one.lower() in known]
    )
    chosen = place.multiselect(
        "Status",
        list(DisplayStatus),
        placeholder="All",
        format_func=str,
        key=key,
        on_change=keep_session_active,
        persist_state="session",
    )
    address.put("status", [str(status) for status in chosen])
    return frozenset(chosen)


def _amount(place: Any, read: _Read, currency: str | None) -> tuple[int | None, int | None]:
    text = _typed(place, "Amount", "amount", "245.00 or 100-250")
    least = most = None
    if text:
        read.note("amount", "Amount", text)
        try:
            least, most = parse_range(text, currency or _TWO_DECIMALS)
        except InvalidInput as wrong:
            _say(place, read, wrong.sentence)
            return None, None
    address.put("amount", [text] if text else [])
    return least, most


def _last4(place: Any, read: _Read) -> str | None:
    text = _typed(place, "Last four digits", "last4", "4242")
    if text:
        read.note("last4", "Last four digits", text)
    if text and not _LAST_FOUR.fullmatch(text):
        _say(place, read, "Enter the last four digits of the card")
        return None
    address.put("last4", [text] if text else [])
    return text or None


def _typed(place: Any, label: str, parameter: str, placeholder: str) -> str:
    """A field whose text is put into the address once it is checked."""
    with place:
        return text_field(
            label,
            _key(parameter),
            placeholder=placeholder,
            on_change=keep_session_active,
            persist_state="session",
        ).strip()


def _say(place: Any, read: _Read, sentence: str) -> None:
    read.wrong = True
    place.error(sentence)


def _one_of(
    read: _Read,
    place: Any,
    label: str,
    parameter: str,
    options: Collection[str],
    words: Callable[[str], str] = str,
    otherwise: str = "All",
) -> str | None:
    """A field that offers values, by which they stand in the address too."""
    key = _key(parameter)
    if st.session_state.get(key) not in options:
        st.session_state[key] = None
    chosen: str | None = place.selectbox(
        label,
        list(options),
        index=None,
        placeholder=otherwise,
        format_func=words,
        key=key,
        on_change=keep_session_active,
        persist_state="session",
    )
    address.put(parameter, [] if chosen is None else [chosen])
    if chosen is not None:
        read.note(parameter, label, words(chosen))
    return chosen


def _yes_or_no(read: _Read, place: Any, label: str, parameter: str) -> bool | None:
    chosen = _one_of(read, place, label, parameter, _YES_OR_NO, str.capitalize)
    return None if chosen is None else chosen == _YES_OR_NO[0]
