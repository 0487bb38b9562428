"""Early fraud warnings: a card's bank suspects fraud, and a full refund may avoid a dispute."""

from cardpay.sandbox.state.account_state import State, new_id
from cardpay.sandbox.state.sqlite_store import Json, PageQuery

FRAUD_TYPES = (
    "card_never_received", "fraudulent_card_application", "made_with_counterfeit_card",
    "made_with_lost_card", "made_with_stolen_card", "misc", "unauthorized_use_of_card",
)  # fmt: skip
_KIND = "radar.early_fraud_warning"


def warn(state: State, charge_id: str, fraud_type: str = "made_with_stolen_card") -> Json:
    """The bank reports a Charge. Raises ResourceMissing."""
    charge = state.get("charge", charge_id, "charge")
    warning: Json = {
        "id": new_id("issfr_1"),
        "object": _KIND,
        "actionable": not charge["disputed"] and not charge["refunded"],
        "charge": charge_id,
        "created": state.seconds(),
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    state.store.save(warning)
    state.emit(f"{_KIND}.created", warning)
    return warning


def warn_by_card(state: State, charge_id: str) -> None:
    """The bank reports a Charge, as its test card says."""
    warn(state, charge_id)


def settle(state: State, charge_id: str) -> None:
    """The Charge was disputed or refunded in full: nothing can be done about its warnings."""
    found, _ = state.store.page(PageQuery(_KIND, limit=100, where=(("charge", charge_id),)))
    for warning in found:
        if warning["actionable"]:
            warning["actionable"] = False
            state.store.save(warning)
            state.emit(f"{_KIND}.updated", warning, {"actionable": True})
