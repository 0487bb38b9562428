"""Everything that is kept in a person's Streamlit session, with typed accessors.

A reload empties it; the payment's id in the address brings the screen back.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cardpay.domain.access.permissions import Role
from components.frame.page_list import PAGES, PAYMENT, PAYMENTS, DeskPage

PAYMENT_PARAMETER = "payment"
ROLE_COOKIE = "cardpay_demo_role"
ALL_ROLES = "all"

Kept = TypeVar("Kept")

_CURRENT = "cardpay.current_payment_id"
_TYPED = "cardpay.typed"
_NOTICE = "cardpay.notice"
_CHALLENGE = "cardpay.challenge"
_ANSWERED = "cardpay.answered_submission_id"
_PRESS = "cardpay.press_answer"
_FORM_ID = "cardpay.card_form_id"
_AT_CARD = "cardpay.draft_that_begins_at_card"
_WATCHED = "cardpay.watched_payment"
_CHOSEN_ROLE = "cardpay.chosen_role"
_ROLE_IS_NEW = "cardpay.role_is_new"
_TOUR_STEP = "cardpay.tour_step"
_RESULT = "cardpay.result"
_FOLLOWED = "cardpay.followed_runs"
_MASKED = "cardpay.masked_fields"
_FORMS = "cardpay.form_ids"
_REQUESTED = "cardpay.requested_action"
_PRODUCT_FORM = "cardpay.product_form"
_MISSED = "cardpay.missed_payment_id"
_LINK_ADDRESS = "cardpay.link_address"
_DIALOG = "cardpay.open_dialog"
_FOCUS = "cardpay.focus"
_PAGE = "cardpay.page"
_CAME_FROM = "cardpay.came_from"
_BACK_TO = "cardpay.back_to"
_DAYS_BEGIN = "cardpay.days_begin"


@dataclass
class PressAnswer:
    """What came of the last press of the pay button for an order without a PaymentIntent.

    `result` is "created" or "refused", `wrong` says what is wrong with which field, `sentence`
    what else there is to say.
    """

    payment_id: str
    press_id: str | None = None
    result: Literal["created", "refused"] | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    sentence: str | None = None


@dataclass
class Watched:
    """What the screen last drew of its payment, for whoever watches for changes."""

    payment_id: str | None = None
    drawn_at: datetime | None = None
    shown_id: str | None = None  # drawn last, whether or not it is still watched
    fields_of: tuple[str, bool] | None = None  # whose fields were drawn last, and whether locked
    fields_are_second: bool = False  # at which of their two places
    looked_at: datetime | None = None
    checking: bool = False
    has_no_products: bool = False  # nothing was on sale, so that no order could be drawn


@dataclass(frozen=True)
class PendingAuthentication:
    """A 3-D Secure challenge this screen may open. `action_id` is new each time it is offered."""

    action_id: str
    client_secret: str = field(repr=False)


@dataclass
class Challenge:
    """The 3-D Secure challenge of the payment on this screen."""

    payment_id: str
    confirming: bool = False  # a confirm is running and will bring the answer
    asked_at: datetime | None = None  # when Stripe was last asked for the challenge
    pending: PendingAuthentication | None = None
    drawn: PendingAuthentication | None = None  # what the card form last received

    def end(self, action_id: str) -> bool:
        """Close the challenge that is open; False if that is not this one."""
        if self.pending is None or self.pending.action_id != action_id:
            return False
        self.pending = None
        return True


def challenge(payment_id: str) -> Challenge:
    """The challenge of a payment; the one of another payment is dropped."""
    kept: Challenge | None = st.session_state.get(_CHALLENGE)
    if kept is None or kept.payment_id != payment_id:
        kept = Challenge(payment_id)
        st.session_state[_CHALLENGE] = kept
    return kept


def address_payment_id() -> str | None:
    """The payment's id in the address; None if there is none or it is no UUID."""
    given = st.query_params.get(PAYMENT_PARAMETER)
    try:
        return str(UUID(given)) if given else None
    except ValueError:
        return None


def linked_payment() -> str | None:
    """What the address names as the payment, whatever it is; None if it names none."""
    given = st.query_params.get(PAYMENT_PARAMETER)
    return given.strip() if given and given.strip() else None


def forget_linked_payment() -> None:
    """Take the payment out of the address of a page that is not of one payment."""
    del st.query_params[PAYMENT_PARAMETER]


def arrive(page: str) -> None:
    """Note the page that is drawn, by its name in the address."""
    before: str | None = st.session_state.get(_PAGE)
    if before != page:
        st.session_state[_PAGE], st.session_state[_CAME_FROM] = page, before
        if page == PAYMENT.name:
            st.session_state[_BACK_TO] = before
        st.session_state[_DAYS_BEGIN] = before is not None and not _is_way_back(page, before)


def came_from() -> str | None:
    """The page from which this one was reached, once; None if it is only drawn again."""
    before: str | None = st.session_state.pop(_CAME_FROM, None)
    return before


def back_to() -> DeskPage:
    """The page from which a payment's page was reached; the list of payments if none is known."""
    address = f"/{st.session_state.get(_BACK_TO)}"
    return next((page for page in PAGES if page.path == address), PAYMENTS)


def _is_way_back(page: str, before: str) -> bool:
    """Whether it is a list, come back to from a payment of it."""
    return before == PAYMENT.name and page in {PAYMENTS.name, back_to().name}


def days_begin() -> bool:
    """Whether this page was come to from another and has drawn no days yet; true once."""
    return bool(st.session_state.pop(_DAYS_BEGIN, False))


def is_first_miss(payment_id: str) -> bool:
    """Whether this is the first time in a row that this payment was not found."""
    missed: str | None = st.session_state.get(_MISSED)
    st.session_state[_MISSED] = payment_id
    return missed != payment_id


def current_payment_id() -> str | None:
    """The id of the payment or draft that this tab showed last."""
    return st.session_state.get(_CURRENT)


def go_to_payment(payment_id: str) -> None:
    """Make a payment or draft the current one, in the address too."""
    st.session_state[_CURRENT] = payment_id
    if st.query_params.get(PAYMENT_PARAMETER) != payment_id:
        st.query_params[PAYMENT_PARAMETER] = payment_id


def begin_new_draft(after: str | None = None) -> None:
    """Start another payment and forget everything about the last one, the typed card too.

    `after` is the payment that was on screen at the press: a second press for it begins nothing.
    """
    current = current_payment_id()
    if after is not None and current is not None and after != current:
        go_to_payment(current)
        return
    for key in (_TYPED, _NOTICE, _CHALLENGE, _ANSWERED, _MASKED, _PRESS, _FORM_ID):
        st.session_state.pop(key, None)
    go_to_payment(str(uuid4()))


def carry_over(fields: dict[str, Any], *, at_card: bool = False) -> None:
    """Start another payment with the same order in its fields; a typed card stays too.

    `at_card` if nothing is left to do but to type the card.
    """
    for key in (_NOTICE, _CHALLENGE, _ANSWERED, _MASKED, _PRESS):
        st.session_state.pop(key, None)
    draft_id = str(uuid4())
    st.session_state[_TYPED] = (draft_id, fields)
    st.session_state[_AT_CARD] = draft_id if at_card else None
    go_to_payment(draft_id)


def begins_at_card(draft_id: str) -> bool:
    """Whether nothing is left to do for a draft but to type the card."""
    return bool(st.session_state.get(_AT_CARD) == draft_id)


def card_form_id() -> str:
    """The id of the card form, the same until the next caller's turn."""
    kept: str = st.session_state.setdefault(_FORM_ID, str(uuid4()))
    return kept


def press_answer(payment_id: str) -> PressAnswer:
    """What came of the last press for this payment."""
    kept: PressAnswer | None = st.session_state.get(_PRESS)
    if kept is None or kept.payment_id != payment_id:
        kept = PressAnswer(payment_id)
        st.session_state[_PRESS] = kept
    return kept


def watched() -> Watched:
    """What the screen of this tab last drew of its payment."""
    kept: Watched = st.session_state.setdefault(_WATCHED, Watched())
    return kept


def typed(draft_id: str) -> dict[str, Any]:
    """What has been typed for a draft. Widgets lose it at a page switch, this keeps it."""
    kept = st.session_state.get(_TYPED)
    if kept is None or kept[0] != draft_id:
        kept = (draft_id, {})
        st.session_state[_TYPED] = kept
    fields: dict[str, Any] = kept[1]
    return fields


def masked_fields() -> dict[str, str]:
    """The text fields in which card data was typed: widget key and masked text."""
    fields: dict[str, str] = st.session_state.setdefault(_MASKED, {})
    return fields


def set_notice(payment_id: str, sentence: str) -> None:
    """Keep a sentence to show with a payment until the next action."""
    st.session_state[_NOTICE] = (payment_id, sentence)


def clear_notice() -> None:
    """Drop the sentence, since the next action has begun."""
    st.session_state.pop(_NOTICE, None)


def notice(payment_id: str) -> str | None:
    """The sentence to show with a payment, or None."""
    kept = st.session_state.get(_NOTICE)
    return kept[1] if kept and kept[0] == payment_id else None


def set_answered(submission_id: str) -> None:
    """Note that a submission was refused before it became an attempt, so the form may go on."""
    st.session_state[_ANSWERED] = submission_id


def clear_answered() -> None:
    """Forget the refused submission, since another card is being tried."""
    st.session_state.pop(_ANSWERED, None)


def answered() -> str | None:
    """The id of the submission that was refused before it became an attempt, or None."""
    return st.session_state.get(_ANSWERED)


def shown_roles(held: frozenset[Role]) -> frozenset[Role]:
    """The roles that the demo is shown with: at first all that are held.

    Chosen in this session, or else the one that the browser has kept. Never more than `held`.
    """
    chosen = chosen_role() or st.context.cookies.get(ROLE_COOKIE, ALL_ROLES)
    shown = frozenset(role for role in held if role == chosen)
    return shown or held


def choose_role(role: str) -> None:
    """Choose the role that the demo is shown with, or `ALL_ROLES`."""
    st.session_state[_CHOSEN_ROLE] = role
    st.session_state[_ROLE_IS_NEW] = True


def chosen_role() -> str | None:
    """The role that was chosen in this session, or `ALL_ROLES`; None if none was."""
    role: str | None = st.session_state.get(_CHOSEN_ROLE)
    return role


def role_is_new() -> bool:
    """Whether a role was chosen since this was last asked: then the frame is another."""
    return bool(st.session_state.pop(_ROLE_IS_NEW, False))


def tour_step() -> int | None:
    """The step of the demo's tour that somebody is at, from 1."""
    step: int | None = st.session_state.get(_TOUR_STEP)
    return step


def set_tour_step(step: int | None) -> None:
    """Go to a step of the tour, or end it."""
    st.session_state[_TOUR_STEP] = step


def clear() -> None:
    """Forget everything that this person saw or typed."""
    st.session_state.clear()


def form_id(form: str, is_used: Callable[[str], bool]) -> str:
    """The submission id of a form on screen; a new one once the last was used."""
    forms: dict[str, str] = st.session_state.setdefault(_FORMS, {})
    if form not in forms or is_used(forms[form]):
        forms[form] = str(uuid4())
    return forms[form]


def set_requested_action(payment_id: str, action: str) -> None:
    """Remember this person's last action on a payment: its submission id, or its kind."""
    st.session_state[_REQUESTED] = (payment_id, action)


def requested_action(payment_id: str) -> str | None:
    """This person's last action, if it was on this payment; otherwise None."""
    kept: tuple[str, str] | None = st.session_state.get(_REQUESTED)
    return kept[1] if kept and kept[0] == payment_id else None


def set_product_form(form: object) -> None:
    """Open a product form; None closes it."""
    st.session_state[_PRODUCT_FORM] = form


def product_form(kind: type[Kept]) -> Kept | None:
    """The open product form, or None. `kind` is its type."""
    kept = st.session_state.get(_PRODUCT_FORM)
    return kept if isinstance(kept, kind) else None


def set_result(panel: str, result: tuple[str, str] | None) -> None:
    """Keep the result (tone, sentence) of the last click, and the panel it belongs to."""
    st.session_state[_RESULT] = (panel, result)


def result(panel: str) -> tuple[str, str] | None:
    """The result to show in a panel; None if the last click was in another one."""
    kept: tuple[str, tuple[str, str] | None] | None = st.session_state.get(_RESULT)
    return kept[1] if kept and kept[0] == panel else None


def follow(work: str, started_at: datetime) -> None:
    """Remember that this person saw a background task run, to show how it ends."""
    st.session_state.setdefault(_FOLLOWED, {})[work] = started_at


def follows(work: str, started_at: datetime) -> bool:
    """Whether this person saw this run of the background task."""
    followed: dict[str, datetime] = st.session_state.get(_FOLLOWED, {})
    return followed.get(work) == started_at


def set_link_address(payment_id: str, url: str | None, *, is_new: bool = False) -> None:
    """Keep the address of a payment's link; None forgets it. Only the last one is kept.

    `is_new` if this person has just made the link.
    """
    st.session_state[_LINK_ADDRESS] = (payment_id, url, is_new)


def link_address(payment_id: str) -> str | None:
    """The address of a payment's link, if this session has been told it."""
    kept: tuple[str, str | None, bool] | None = st.session_state.get(_LINK_ADDRESS)
    return kept[1] if kept and kept[0] == payment_id else None


def made_link(payment_id: str) -> bool:
    """Whether the link whose address is kept is this payment's, and was made in this session."""
    kept: tuple[str, str | None, bool] | None = st.session_state.get(_LINK_ADDRESS)
    return kept is not None and kept[0] == payment_id and kept[2]


def open_dialog(key: str) -> None:
    """Open a dialog, and close any other."""
    st.session_state[_DIALOG] = key


def close_dialog() -> None:
    """Close the dialog that is open."""
    st.session_state.pop(_DIALOG, None)


def is_dialog_open(key: str) -> bool:
    """Whether this dialog is open."""
    return st.session_state.get(_DIALOG) == key


def uninterrupted(callback: Callable[..., None]) -> Callable[..., None]:
    """The callback, done once and to its end although another run of the page is asked for.

    Streamlit 1.67 ends a callback at its next use of the session when the page is asked for again,
    by another press say, and does not call it again: half of a press would be lost. The other run
    comes after it, or beside it (`runner.fastReruns`), and then may draw what was before it. Not
    for what leaves the page: `st.switch_page` would return.
    """

    def whole(*arguments: Any) -> None:
        context = get_script_run_ctx()
        asks = context.script_requests if context else None
        if asks is None:
            callback(*arguments)
            return
        before = asks.on_scriptrunner_yield  # the runner asks here whether to end
        asks.on_scriptrunner_yield = lambda: None  # type: ignore[method-assign]
        try:
            callback(*arguments)
        finally:
            asks.on_scriptrunner_yield = before  # type: ignore[method-assign]

    return whole


def give_focus(place: str) -> None:
    """Have what is drawn at a place take the focus, once."""
    st.session_state[_FOCUS] = (place, uuid4().hex)


def focus_token(place: str) -> str | None:
    """What tells this time from others, if the place was the last to be given the focus."""
    kept: tuple[str, str] | None = st.session_state.get(_FOCUS)
    return kept[1] if kept and kept[0] == place else None
