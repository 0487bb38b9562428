"""The data that Python and the browser exchange. `contract.ts` is the browser's side.

Data from the browser is only a hint, and may be forged or malformed. It is validated strictly
here, and invalid data is rejected without being quoted or logged.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

Tone = Literal["success", "error", "warning", "info", "neutral"]
Phase = Literal["ready", "checking", "action", "done"]
PressResult = Literal["created", "refused"]
Kept = Literal["all", "without_code", "nothing"]
OutcomeLabel = Literal[
    "Succeeded",
    "Declined",
    "Needs authentication",
    "Processing",
    "Authorised",
    "Cancelled",
    "Not charged",
    "Checking with Stripe",
]

_PAYMENT_METHOD_ID: Final = re.compile(r"pm_[A-Za-z0-9_]{1,250}")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OUR_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LONGEST_AMOUNT: Final = 50
_ERROR_CODE: Final = re.compile(r"[a-z0-9_]{1,100}")


class Malformed(ValueError):
    """The data is not what the form sends. It may contain anything, so it is not kept here."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome for the form to announce. A new `key` has a repeated outcome announced again.

    `say` is what to say to the caller and `do_next` what staff do then; either may be empty.
    """

    label: str
    tone: Tone
    title: str
    lines: tuple[str, ...]
    key: str
    say: str = ""
    do_next: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for an unknown label or tone."""
        if self.label not in get_args(OutcomeLabel):
            raise ValueError(f"{self.label!r} is not one of the card form's outcome labels")
        if self.tone not in get_args(Tone):
            raise ValueError(f"{self.tone!r} is not one of the card form's tones")


@dataclass(frozen=True, slots=True)
class CardFormState:
    """The data for the browser.

    `form_id` stays while one caller is served: a new one empties the form. `created` says that
    the payment has its PaymentIntent, so that a card may be sent for it at once. `press_id` is the
    last press that the server has answered, `press_result` its answer, and `wrong_fields` the
    order's fields to mark, in reading order. `card_kept` says what of the card stays typed once
    an attempt has failed. `pay_note` stands beneath the button. `rest_is_old` says that the page
    around the form is older than this, so that the form asks for it once it has drawn the outcome.
    `begins_at_card` says that the order is complete, so that the focus goes to the card's number
    as the form is mounted.

    `client_secret` is allowed in phase "action" only, because anybody with it and the publishable
    key can confirm the payment from a browser, without a record in our database.
    """

    publishable_key: str
    stripe_js_url: str
    form_id: str
    payment_id: str
    amount_label: str
    phase: Phase
    created: bool = True
    press_id: str | None = None
    press_result: PressResult | None = None
    wrong_fields: tuple[str, ...] = ()
    card_kept: Kept = "nothing"
    settled_submission_id: str | None = None
    outcome: Outcome | None = None
    client_secret: str | None = field(default=None, repr=False)
    action_id: str | None = None
    billing_name: str = ""
    pay_note: str = ""
    rest_is_old: bool = False
    begins_at_card: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for an unneeded client_secret, a secret key or an unknown phase."""
        if self.phase not in get_args(Phase):
            raise ValueError(f"{self.phase!r} is not one of the card form's phases")
        if self.press_result not in (None, *get_args(PressResult)):
            raise ValueError(f"{self.press_result!r} is not one of the card form's press results")
        if self.card_kept not in get_args(Kept):
            raise ValueError(f"{self.card_kept!r} does not say what stays of a card")
        if not self.publishable_key.startswith("pk_"):
            raise ValueError("the card form takes a publishable key (pk_…) and no other")
        if self.phase != "action" and self.client_secret is not None:
            raise ValueError(f"a client_secret has no place in phase {self.phase!r}")
        if self.phase == "action" and not (self.client_secret and self.action_id):
            raise ValueError('phase "action" needs a client_secret and an action_id')

    def as_data(self) -> dict[str, Any]:
        """The JSON that goes to the browser."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Press:
    """The pay button was pressed for an order without a PaymentIntent.

    Without a complete card the order is only checked. `amount_label` is the amount that the button
    showed, as it was told.
    """

    payment_id: str
    submission_id: str
    card_complete: bool
    amount_label: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A card for a payment that has its PaymentIntent: one PaymentMethod for one attempt."""

    payment_id: str
    payment_method_id: str
    submission_id: str


@dataclass(frozen=True, slots=True)
class ActionResult:
    """An authentication ended. `error_code` is Stripe's, or None if it reported no error."""

    payment_id: str
    action_id: str
    error_code: str | None


@dataclass(frozen=True, slots=True)
class NewPayment:
    """The next caller is served. `payment_id` is the payment that was on screen."""

    payment_id: str


def read_press(payload: object) -> Press | None:
    """The press in a trigger's payload, or None if it is empty. Raises Malformed."""
    match payload:
        case None:
            return None
        case {
            "payment_id": str(payment_id),
            "submission_id": str(submission_id),
            "card_complete": bool(card_complete),
            "amount_label": str(amount_label),
            **others,
        } if not others and (
            _OUR_ID.fullmatch(payment_id)
            and _UUID.fullmatch(submission_id)
            and len(amount_label) <= _LONGEST_AMOUNT
        ):
            return Press(payment_id, submission_id, card_complete, amount_label)
    raise Malformed


def read_new_payment(payload: object) -> NewPayment | None:
    """The request in a trigger's payload, or None if it is empty. Raises Malformed."""
    match payload:
        case None:
            return None
        case {"payment_id": str(payment_id), **others} if not others and _OUR_ID.fullmatch(
            payment_id
        ):
            return NewPayment(payment_id)
    raise Malformed


def read_submission(payload: object) -> Submission | None:
    """The submission in a trigger's payload, or None if it is empty. Raises Malformed."""
    match payload:
        case None:
            return None
        case {
            "payment_id": str(payment_id),
            "payment_method_id": str(payment_method_id),
            "submission_id": str(submission_id),
            **others,
        } if not others and (
            _OUR_ID.fullmatch(payment_id)
            and _PAYMENT_METHOD_ID.fullmatch(payment_method_id)
            and _UUID.fullmatch(submission_id)
        ):
            return Submission(payment_id, payment_method_id, submission_id)
    raise Malformed


def read_action_result(payload: object) -> ActionResult | None:
    """The action's result in a trigger's payload, or None if it is empty. Raises Malformed."""
    match payload:
        case None:
            return None
        case {
            "payment_id": str(payment_id),
            "action_id": str(action_id),
            "error_code": str() | None as error_code,
            **others,
        } if not others and (
            _OUR_ID.fullmatch(payment_id)
            and _OUR_ID.fullmatch(action_id)
            and (error_code is None or _ERROR_CODE.fullmatch(error_code))
        ):
            return ActionResult(payment_id, action_id, error_code)
    raise Malformed
