"""All that is kept in a person's session, by name and type. Nothing here outlives the tab.

A reload empties it; the payment's id in the address brings the screen back.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import streamlit as st

from cardpay.domain.access.actor import Role

PAYMENT_PARAMETER = "payment"

Kept = TypeVar("Kept")

_CURRENT = "cardpay.current_payment_id"
_TYPED = "cardpay.typed"
_NOTICE = "cardpay.notice"
_TAKEN_ORDER = "cardpay.taken_order"
_CHALLENGE = "cardpay.challenge"
_ANSWERED = "cardpay.answered_submission_id"
_PRINT = "cardpay.print_request"
_SHOWN_ROLES = "cardpay.shown_roles"
_ANSWERS = "cardpay.answers"
_FOLLOWED = "cardpay.followed_runs"
_MASKED = "cardpay.masked_fields"
_FORMS = "cardpay.form_ids"
_ASKED = "cardpay.asked_step"
_EXPORT = "cardpay.export_job"
_PRODUCT_FORM = "cardpay.product_form"
_MISSED = "cardpay.missed_payment_id"


@dataclass(frozen=True)
class TakenOrder:
    """The payment that holds the order reference somebody has just typed."""

    draft_id: str
    reference: str
    payment_id: str
    sequence: int


@dataclass(frozen=True)
class PendingAuthentication:
    """A challenge this screen may open. `action_id` changes each time it is offered anew."""

    action_id: str
    client_secret: str = field(repr=False)


@dataclass
class Challenge:
    """The 3-D Secure challenge of the payment on this screen.

    A rerun ends a callback at its next use of the session. So a callback fetches this plain
    object first, and what Stripe answers is put into it where it cannot be lost.
    """

    payment_id: str
    confirming: bool = False  # a confirm's callback is running, and brings the answer
    asked_at: datetime | None = None  # when Stripe was asked last for what is missing
    pending: PendingAuthentication | None = None
    drawn: PendingAuthentication | None = None  # what the card form was given last


def challenge(payment_id: str) -> Challenge:
    """The challenge of a payment; that of another payment is forgotten."""
    kept: Challenge | None = st.session_state.get(_CHALLENGE)
    if kept is None or kept.payment_id != payment_id:
        kept = Challenge(payment_id)
        st.session_state[_CHALLENGE] = kept
    return kept


def address_payment_id() -> str | None:
    """The payment's id in the address, if there is a well-formed one."""
    given = st.query_params.get(PAYMENT_PARAMETER)
    try:
        return str(UUID(given)) if given else None
    except ValueError:
        return None


def is_first_miss(payment_id: str) -> bool:
    """Whether this payment was not found just now, and not before with each drawing as well."""
    missed: str | None = st.session_state.get(_MISSED)
    st.session_state[_MISSED] = payment_id
    return missed != payment_id


def current_payment_id() -> str | None:
    """The payment or draft this screen was last at."""
    return st.session_state.get(_CURRENT)


def go_to_payment(payment_id: str) -> None:
    """Make a payment or draft the current one, in the address too."""
    st.session_state[_CURRENT] = payment_id
    if st.query_params.get(PAYMENT_PARAMETER) != payment_id:
        st.query_params[PAYMENT_PARAMETER] = payment_id


def begin_new_draft() -> None:
    """Begin another payment: nothing of the last one stays."""
    for key in (_TYPED, _NOTICE, _TAKEN_ORDER, _CHALLENGE, _ANSWERED, _MASKED):
        st.session_state.pop(key, None)
    go_to_payment(str(uuid4()))


def typed(draft_id: str) -> dict[str, Any]:
    """What has been typed for a draft: widgets forget it at a page switch, this does not."""
    kept = st.session_state.get(_TYPED)
    if kept is None or kept[0] != draft_id:
        kept = (draft_id, {})
        st.session_state[_TYPED] = kept
    fields: dict[str, Any] = kept[1]
    return fields


def masked_fields() -> dict[str, str]:
    """The text fields in which card data was typed, by the widget's key: what they hold since."""
    fields: dict[str, str] = st.session_state.setdefault(_MASKED, {})
    return fields


def set_notice(payment_id: str, sentence: str) -> None:
    """Keep a sentence to show with a payment until its next step."""
    st.session_state[_NOTICE] = (payment_id, sentence)


def clear_notice() -> None:
    """The next step has begun."""
    st.session_state.pop(_NOTICE, None)


def notice(payment_id: str) -> str | None:
    """The sentence to show with a payment."""
    kept = st.session_state.get(_NOTICE)
    return kept[1] if kept and kept[0] == payment_id else None


def set_taken_order(taken: TakenOrder | None) -> None:
    """Remember who holds the order reference, or forget it."""
    st.session_state[_TAKEN_ORDER] = taken


def taken_order(draft_id: str) -> TakenOrder | None:
    """Who holds the order reference of this draft."""
    kept: TakenOrder | None = st.session_state.get(_TAKEN_ORDER)
    return kept if kept and kept.draft_id == draft_id else None


def set_answered(submission_id: str) -> None:
    """This submission was refused before it became an attempt: the form may go on."""
    st.session_state[_ANSWERED] = submission_id


def clear_answered() -> None:
    """Another card is being tried: the form waits for that one now."""
    st.session_state.pop(_ANSWERED, None)


def answered() -> str | None:
    """The last submission that was refused before it became an attempt."""
    return st.session_state.get(_ANSWERED)


def request_print() -> None:
    """Ask the browser to print with the next drawing of the page."""
    st.session_state[_PRINT] = str(uuid4())


def print_request() -> str | None:
    """The id of the last request to print."""
    return st.session_state.get(_PRINT)


def shown_roles(held: frozenset[Role]) -> frozenset[Role]:
    """Those of the roles held that the demo is to be shown with: all of them at first."""
    chosen: frozenset[Role] = st.session_state.get(_SHOWN_ROLES, held)
    return held & chosen


def set_shown_roles(roles: Iterable[Role]) -> None:
    """Show the demo with these roles from now on."""
    st.session_state[_SHOWN_ROLES] = frozenset(roles)


def forget_everything() -> None:
    """Nothing that the last person saw or typed stays for the next one."""
    st.session_state.clear()


def form_id(form: str, is_used: Callable[[str], bool]) -> str:
    """The id of a form on screen, which is that of one submission; another once it is used."""
    forms: dict[str, str] = st.session_state.setdefault(_FORMS, {})
    if form not in forms or is_used(forms[form]):
        forms[form] = str(uuid4())
    return forms[form]


def ask_step(payment_id: str, step: str) -> None:
    """This person has asked for a step of a payment: a submission's id, or what it is."""
    st.session_state[_ASKED] = (payment_id, step)


def asked_step(payment_id: str) -> str | None:
    """The step of this payment that was asked for last, if it was the last one of all."""
    kept: tuple[str, str] | None = st.session_state.get(_ASKED)
    return kept[1] if kept and kept[0] == payment_id else None


def set_export_job(job: object) -> None:
    """Keep the export that this person began; the one before is forgotten, and its file gone."""
    st.session_state[_EXPORT] = job


def export_job(kind: type[Kept]) -> Kept | None:
    """The export that this person began last, if it is of the `kind` that is looked for."""
    kept = st.session_state.get(_EXPORT)
    return kept if isinstance(kept, kind) else None


def set_product_form(form: object) -> None:
    """Keep the product that is being added or changed; None closes its form."""
    st.session_state[_PRODUCT_FORM] = form


def product_form(kind: type[Kept]) -> Kept | None:
    """The product that is being added or changed, if one is."""
    kept = st.session_state.get(_PRODUCT_FORM)
    return kept if isinstance(kept, kind) else None


def set_answer(panel: str, answer: tuple[str, str] | None) -> None:
    """Keep the answer (tone, sentence) to the last click in a panel of Operations."""
    st.session_state[_ANSWERS] = {panel: answer}


def answer(panel: str) -> tuple[str, str] | None:
    """The answer to show in a panel; a click in another one has ended it."""
    kept: dict[str, tuple[str, str] | None] = st.session_state.get(_ANSWERS, {})
    return kept.get(panel)


def follow(work: str, started_at: datetime) -> None:
    """This person has seen a run of long work, and wants to know how it ends."""
    st.session_state.setdefault(_FOLLOWED, {})[work] = started_at


def follows(work: str, started_at: datetime) -> bool:
    """Whether this is the run that this person has seen."""
    followed: dict[str, datetime] = st.session_state.get(_FOLLOWED, {})
    return followed.get(work) == started_at
