"""Stripe's published test cards, and what each of them does.

Stripe docs: "Testing", "Declined payments", "3D Secure", "Disputes", "Refunds". Of a typed card
the sandbox stores its name in this table, the brand, the last four digits and the expiry date,
never the number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cardpay.sandbox.http.api_errors import CardError


@dataclass(frozen=True)
class Decline:
    """How the issuer or Stripe Radar declines a charge."""

    code: str
    decline_code: str
    message: str
    network_decline_code: str | None = None
    advice_code: str | None = None
    blocked: bool = False  # by Radar, so that the charge never reaches the card network


@dataclass(frozen=True)
class TestCard:
    """One published test card. A name that begins with `-` is ours: Stripe publishes none."""

    name: str  # the part of `pm_card_…` and `tok_…` after the prefix
    number: str
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    co_brand: str | None = None  # the other network that can process it
    decline: Decline | None = None
    three_d_secure: Literal[
        "optional",
        "required",
        "required_until_set_up",
        "required_on_session",
        "frictionless",
        "not_supported",
    ] = "optional"
    lookup_fails: bool = False  # an error in place of 3-D Secure, where that is tried
    risk: Literal["normal", "elevated", "highest"] = "normal"
    checks: Mapping[str, str] = field(default_factory=dict)  # those that do not pass
    dispute: str | None = None  # the reason of the dispute that it causes
    disputes: int = 1
    case_type: Literal["chargeback", "inquiry", "compliance"] = "chargeback"
    enhanced_eligibility: str | None = None
    fraud_warning: bool = False
    refund: Literal["succeeded", "pending", "fails_later"] = "succeeded"
    available_at_once: bool = False  # its money is in the available balance at once

    @property
    def decline_at_setup(self) -> Decline | None:
        """How it is declined when it is saved: as at a charge, unless it is made to be saved."""
        to_be_saved = "CustomerFail" in self.name or self.three_d_secure == "required"
        return None if to_be_saved else self.decline

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


_DECLINED = "Your card was declined."
_GENERIC = Decline("card_declined", "generic_decline", _DECLINED, "05", "try_again_later")
_FUNDS = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    "51",
    "try_again_later",
)
_LOST = Decline("card_declined", "lost_card", _DECLINED, "41", "do_not_try_again")
_STOLEN = Decline("card_declined", "stolen_card", _DECLINED, "43", "do_not_try_again")
_EXPIRED = Decline(
    "expired_card", "expired_card", "Your card has expired.", "54", "do_not_try_again"
)
_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "N7",
    "confirm_card_data",
)
_PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "96",
    "try_again_later",
)
_VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount"
    " limit.",
    "65",
    "try_again_later",
)
_FRAUD = Decline("card_declined", "fraudulent", _DECLINED, blocked=True)

_LINE1 = "address_line1_check"
_POSTAL_CODE = "address_postal_code_check"

_BRANDS = (
    TestCard("visa", "4242424242424242"),
    TestCard("us", "4242424242424242"),
    TestCard("visa_debit", "4000056655665556", funding="debit"),
    TestCard("mastercard", "5555555555554444", "mastercard"),
    TestCard("-mastercard_2_series", "2223003122003222", "mastercard"),
    TestCard("mastercard_debit", "5200828282828210", "mastercard", funding="debit"),
    TestCard("mastercard_prepaid", "5105105105105100", "mastercard", funding="prepaid"),
    TestCard("amex", "378282246310005", "amex", three_d_secure="not_supported"),
    TestCard("-amex_other", "371449635398431", "amex", three_d_secure="not_supported"),
    TestCard("amex_threeDSecureNotSupported", "378282246310005", "amex",
             three_d_secure="not_supported"),
    TestCard("discover", "6011111111111117", "discover"),
    TestCard("-discover_other", "6011000990139424", "discover"),
    TestCard("-discover_debit", "6011981111111113", "discover", funding="debit"),
    TestCard("-bccard", "6555900000604105", "discover", "KR"),
    TestCard("diners", "3056930009020004", "diners", three_d_secure="not_supported"),
    TestCard("-diners_14_digits", "36227206271667", "diners", three_d_secure="not_supported"),
    TestCard("jcb", "3566002020360505", "jcb", "JP", three_d_secure="not_supported"),
    TestCard("-jcb_other", "3530111333300000", "jcb", "JP", three_d_secure="not_supported"),
    TestCard("unionpay", "6200000000000005", "unionpay", "CN", three_d_secure="not_supported"),
    TestCard("-unionpay_debit", "6200000000000047", "unionpay", "CN", "debit",
             three_d_secure="not_supported"),
    TestCard("-unionpay_19_digits", "6205500000000000004", "unionpay", "CN",
             three_d_secure="not_supported"),
    TestCard("visa_cartesBancaires", "4000002500001001", country="FR",
             co_brand="cartes_bancaires"),
    TestCard("mastercard_cartesBancaires", "5555552500001001", "mastercard", "FR",
             co_brand="cartes_bancaires"),
    TestCard("visa_debit_eftposAuCoBranded", "4000050360000001", "visa", "AU", "debit",
             co_brand="eftpos_au"),
    TestCard("mastercard_debit_eftposAuCoBranded", "5555050360000080", "mastercard", "AU",
             "debit", co_brand="eftpos_au"),
    TestCard("debit_visaFsaProductCode", "4000051230000072", funding="debit"),
    TestCard("debit_visaHsaProductCode", "4000051230000072", funding="debit"),
    TestCard("mastercard_debit_mastercardFsaProductCode", "5200828282828897", "mastercard",
             funding="debit"),
    TestCard("domesticPricing", "4000000000000093"),
    TestCard("bypassPending", "4000000000000077", available_at_once=True),
    TestCard("bypassPendingInternational", "4000003720000278", country="IE",
             available_at_once=True),
)  # fmt: skip

# Cards that succeed, by the country of the bank: Visa credit cards, and the exceptions.
_BY_COUNTRY = """
    ar 4000000320000021 br 4000000760000002 ca 4000001240000000 cl 4000001520000001
    co 4000001700000003 cr 4000001880000005 ec 4000002180000000 mx 4000004840008001
    pa 4000005910000000 py 4000006000000066 pe 4000006040000068 uy 4000008580000003
    ae 4000007840000001 at 4000000400000008 be 4000000560000004 bg 4000001000000000
    by 4000001120000005 hr 4000001910000009 cy 4000001960000008 cz 4000002030000002
    dk 4000002080000001 ee 4000002330000009 fi 4000002460000001 fr 4000002500000003
    de 4000002760000016 gi 4000002920000005 gr 4000003000000030 hu 4000003480000005
    ie 4000003720000005 it 4000003800000008 lv 4000004280000005 li 4000004380000004
    lt 4000004400000000 lu 4000004420000006 mt 4000004700000007 nl 4000005280000002
    no 4000005780000007 pl 4000006160000005 pt 4000006200000007 ro 4000006420000001
    sa 4000006820000007 si 4000007050000006 sk 4000007030000001 es 4000007240000007
    se 4000007520000008 ch 4000007560000009 gb 4000008260000000 au 4000000360000006
    cn 4000001560000002 hk 4000003440000004 in 4000003560000008 jp 4000003920000003
    my 4000004580000002 nz 4000005540000008 sg 4000007020000003 tw 4000001580000008
    th_credit 4000007640000003
""".split()
_COUNTRIES = (
    *(
        TestCard(name, number, country=name[:2].upper())
        for name, number in zip(_BY_COUNTRY[::2], _BY_COUNTRY[1::2], strict=True)
    ),
    TestCard("ae_mastercard", "5200007840000022", "mastercard", "AE"),
    TestCard("gb_debit", "4000058260000005", country="GB", funding="debit"),
    TestCard("gb_mastercard", "5555558265554449", "mastercard", "GB"),
    TestCard("th_debit", "4000057640000008", country="TH", funding="debit"),
)

_DECLINES = (
    TestCard("chargeDeclined", "4000000000000002", decline=_GENERIC),
    TestCard("visa_chargeDeclined", "4000000000000002", decline=_GENERIC),
    TestCard("chargeDeclinedInsufficientFunds", "4000000000009995", decline=_FUNDS),
    TestCard("visa_chargeDeclinedInsufficientFunds", "4000000000009995", decline=_FUNDS),
    TestCard("chargeDeclinedLostCard", "4000000000009987", decline=_LOST),
    TestCard("visa_chargeDeclinedLostCard", "4000000000009987", decline=_LOST),
    TestCard("chargeDeclinedStolenCard", "4000000000009979", decline=_STOLEN),
    TestCard("visa_chargeDeclinedStolenCard", "4000000000009979", decline=_STOLEN),
    TestCard("chargeDeclinedExpiredCard", "4000000000000069", decline=_EXPIRED),
    TestCard("visa_chargeDeclinedExpiredCard", "4000000000000069", decline=_EXPIRED),
    TestCard("chargeDeclinedIncorrectCvc", "4000000000000127", decline=_CVC),
    TestCard("visa_chargeDeclinedIncorrectCvc", "4000000000000127", decline=_CVC),
    TestCard("chargeDeclinedProcessingError", "4000000000000119", decline=_PROCESSING),
    TestCard("visa_chargeDeclinedProcessingError", "4000000000000119", decline=_PROCESSING),
    TestCard("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", decline=_VELOCITY),
    TestCard("chargeCustomerFail", "4000000000000341", decline=_GENERIC),
    TestCard("visa_chargeCustomerFail", "4000000000000341", decline=_GENERIC),
    TestCard("visa_chargeCustomerFailLostCard", "4000000000000341", decline=_LOST),
    TestCard("visa_chargeCustomerFailStolenCard", "4000000000000341", decline=_STOLEN),
    TestCard("radarBlock", "4100000000000019", decline=_FRAUD, risk="highest"),
    TestCard("chargeDeclinedFraudulent", "4100000000000019", decline=_FRAUD, risk="highest"),
    TestCard("visa_chargeDeclinedFraudulent", "4100000000000019", decline=_FRAUD,
             risk="highest"),
    TestCard("riskLevelHighest", "4000000000004954", decline=_FRAUD, risk="highest"),
    TestCard("riskLevelElevated", "4000000000009235", risk="elevated"),
    TestCard("cvcCheckFail", "4000000000000101", checks={"cvc_check": "fail"}),
    TestCard("avsZipFail", "4000000000000036", checks={_POSTAL_CODE: "fail"}),
    TestCard("avsLine1Fail", "4000000000000028", checks={_LINE1: "fail"}),
    TestCard("avsFail", "4000000000000010", checks={_POSTAL_CODE: "fail", _LINE1: "fail"}),
    TestCard("avsUnchecked", "4000000000000044",
             checks={_POSTAL_CODE: "unavailable", _LINE1: "unavailable"}),
)  # fmt: skip

_AUTHENTICATION = (
    TestCard("authenticationRequired", "4000002760003184", country="DE",
             three_d_secure="required"),
    TestCard("authenticationRequiredOnSetup", "4000002500003155", country="FR",
             three_d_secure="required_until_set_up"),
    TestCard("authenticationRequiredSetupForOffSession", "4000003800000446", country="IT",
             three_d_secure="required_on_session"),
    TestCard("authenticationRequiredChargeDeclinedInsufficientFunds", "4000008260003178",
             country="GB", three_d_secure="required", decline=_FUNDS),
    TestCard("threeDSecure2Required", "4000000000003220", three_d_secure="required"),
    TestCard("-threeDSecure2Required_us", "4000008400000027", three_d_secure="required"),
    TestCard("threeDSecureRequired", "4000000000003063", three_d_secure="required"),
    TestCard("threeDSecureOptional", "4000000000003055"),
    TestCard("threeDSecureOptionalProcessingError", "4000000000003097", lookup_fails=True),
    TestCard("threeDSecureRequiredChargeDeclined", "4000008400001629",
             three_d_secure="required", decline=_GENERIC),
    TestCard("threeDSecureRequiredProcessingError", "4000008400001280",
             three_d_secure="required", lookup_fails=True),
    TestCard("-threeDSecure_frictionless", "4000000032200000", three_d_secure="frictionless"),
    TestCard("-challenge_out_of_band", "4000582600000094", country="GB",
             three_d_secure="required"),
    TestCard("-challenge_passcode", "4000582600000045", country="GB", three_d_secure="required"),
    TestCard("-challenge_single_select", "4000582600000102", country="GB",
             three_d_secure="required"),
    TestCard("-challenge_multi_select", "4000582600000110", country="GB",
             three_d_secure="required"),
)  # fmt: skip

_AFTERWARDS = (
    TestCard("createDispute", "4000000000000259", dispute="fraudulent"),
    TestCard("createDisputeProductNotReceived", "4000000000002685",
             dispute="product_not_received"),
    TestCard("createDisputeInquiry", "4000000000001976", dispute="fraudulent",
             case_type="inquiry"),
    TestCard("createMultipleDisputes", "4000000404000079", dispute="fraudulent", disputes=2),
    TestCard("createCe3EligibleDispute", "4000000404000038", dispute="fraudulent",
             enhanced_eligibility="visa_compelling_evidence_3"),
    TestCard("createComplianceDispute", "4000008400000779", dispute="noncompliant",
             case_type="compliance", enhanced_eligibility="visa_compliance"),
    TestCard("createMastercardComplianceDispute", "5105008400000002", "mastercard",
             dispute="noncompliant", case_type="compliance",
             enhanced_eligibility="mastercard_compliance"),
    TestCard("createAutoRepresentmentEligibleDispute", "4000000001000043",
             dispute="fraudulent"),
    TestCard("createIssuerFraudRecord", "4000000000005423", fraud_warning=True),
    TestCard("pendingRefund", "4000000000007726", refund="pending"),
    TestCard("refundFail", "4000000000005126", refund="fails_later"),
)  # fmt: skip

TEST_CARDS = (*_BRANDS, *_COUNTRIES, *_DECLINES, *_AUTHENTICATION, *_AFTERWARDS)

BY_NAME = {card.name: card for card in TEST_CARDS}
_BY_NUMBER = {card.number: card for card in reversed(TEST_CARDS)}


def by_number(number: str) -> TestCard:
    """The test card with that number. Raises CardError for any other, as Stripe's test mode."""
    digits = "".join(character for character in number if character not in " -")
    if not (digits.isascii() and digits.isdigit()) or not _luhn(digits):
        raise CardError("Your card number is incorrect.", code="incorrect_number", param="number")
    card = _BY_NUMBER.get(digits)
    if card is None:
        raise CardError(
            "Your card was declined. Your request was in test mode, but used a non test (live)"
            " card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
            code="card_declined",
            decline_code="test_mode_live_card",
            param="number",
        )
    return card


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return (total + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0
