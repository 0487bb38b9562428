"""What a payment waits for, by the type of its `next_action`, in a sentence for staff.

Source: API reference, "The PaymentIntent object", `next_action`.
"""

from typing import Final

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import PaymentStatus

_APPROVAL: Final = "Waiting for the customer to approve this payment {}."
_SCAN: Final = "Waiting for the customer to scan the QR code of {}."
WAITING: Final = {
    "alipay_handle_redirect": _APPROVAL.format("in Alipay"),
    "blik_authorize": _APPROVAL.format("in their bank's app (BLIK)"),
    "boleto_display_details": "Waiting for the customer to pay a Boleto voucher.",
    "card_await_notification": (
        "Waiting for the bank to notify the cardholder. Stripe charges the card after that."
    ),
    "cashapp_handle_redirect_or_display_qr_code": _APPROVAL.format("in Cash App"),
    "display_bank_transfer_instructions": (
        "Waiting for the customer's bank transfer. They have the account details to pay into."
    ),
    "klarna_display_qr_code": _SCAN.format("Klarna"),
    "konbini_display_details": "Waiting for the customer to pay at a convenience store (Konbini).",
    "multibanco_display_details": "Waiting for the customer to pay by Multibanco reference.",
    "oxxo_display_details": "Waiting for the customer to pay an OXXO voucher.",
    "paynow_display_qr_code": _SCAN.format("PayNow"),
    "pix_display_qr_code": _SCAN.format("Pix"),
    "promptpay_display_qr_code": _SCAN.format("PromptPay"),
    "redirect_to_url": _APPROVAL.format("on the page of their bank or payment provider"),
    "swish_handle_redirect_or_display_qr_code": _APPROVAL.format("in Swish"),
    "upi_handle_redirect_or_display_qr_code": _APPROVAL.format("in their UPI app"),
    "use_stripe_sdk": "Waiting for the customer to authenticate this payment.",
    "verify_with_microdeposits": (
        "Waiting for the customer to verify their bank account with the small deposits that "
        "Stripe sends to it."
    ),
    "wechat_pay_display_qr_code": _SCAN.format("WeChat Pay"),
    "wechat_pay_redirect_to_android_app": _APPROVAL.format("in WeChat"),
    "wechat_pay_redirect_to_ios_app": _APPROVAL.format("in WeChat"),
}


def waiting_sentence(next_action: str | None) -> str:
    """What the payment waits for; a type without a sentence of its own is named as it is."""
    known = WAITING.get(next_action or "")
    if known is not None:
        return known
    named = f" ({next_action})" if next_action else ""
    return f"Waiting for the customer to complete this payment{named}."


def waiting_message(
    display: DisplayStatus,
    status: PaymentStatus | str | None,
    next_action: str | None,
    *,
    has_link: bool = False,
) -> tuple[str, str] | None:
    """Tone and sentence about a payment that no card of a caller's helps; None for any other."""
    if display is DisplayStatus.AWAITING_CUSTOMER:
        if has_link:
            return "info", "Waiting for the customer to pay by link."
        return "info", waiting_sentence(next_action)
    if display is DisplayStatus.UNKNOWN:
        return "warning", (
            f"Stripe reports a status that this version doesn't know: {status}. See this payment "
            "in Stripe's dashboard."
        )
    return None
