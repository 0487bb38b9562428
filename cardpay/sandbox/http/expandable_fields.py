"""What `expand` may name in each kind of object, as the types of Stripe's SDK say it.

`a.b: charge` is the field `b` of the part `a`, with the id of a Charge. No kind means an object
that the sandbox does not have: the field may be named, and stays an id or null.
"""

from collections.abc import Mapping


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.partition(":") for line in text.split("\n") if line.strip())
    return {field.strip(): tuple(kinds.split()) for field, _, kinds in rows}


EXPANDABLE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "account": _table("""
        company.verification.document.back:
        company.verification.document.front:
        settings.branding.icon:
        settings.branding.logo:
        settings.invoices.default_account_tax_ids:
    """),
    "balance_transaction": _table("source: charge dispute payout refund"),
    "charge": _table("""
        application:
        application_fee:
        balance_transaction: balance_transaction
        customer: customer
        failure_balance_transaction: balance_transaction
        on_behalf_of: account
        payment_intent: payment_intent
        payment_method_details.card.mandate:
        payment_method_details.us_bank_account.mandate:
        review:
        source_transfer:
        transfer:
        transfer_data.destination: account
    """),
    "checkout.session": _table("""
        automatic_tax.liability.account: account
        customer: customer
        discounts.coupon:
        discounts.promotion_code:
        invoice:
        invoice_creation.invoice_data.account_tax_ids:
        invoice_creation.invoice_data.issuer.account: account
        payment_intent: payment_intent
        payment_link:
        setup_intent: setup_intent
        shipping_cost.shipping_rate:
        shipping_options.shipping_rate:
        subscription:
    """),
    "customer": _table("""
        default_source: account
        invoice_settings.default_payment_method: payment_method
        test_clock:
    """),
    "dispute": _table("""
        charge: charge
        evidence.cancellation_policy:
        evidence.customer_communication:
        evidence.customer_signature:
        evidence.duplicate_charge_documentation:
        evidence.receipt:
        evidence.refund_policy:
        evidence.service_documentation:
        evidence.shipping_documentation:
        evidence.uncategorized_file:
        payment_intent: payment_intent
    """),
    "payment_intent": _table("""
        application:
        customer: customer
        latest_charge: charge
        on_behalf_of: account
        payment_method: payment_method
        payment_record:
        review:
        source: account
        transfer_data.destination: account
    """),
    "invoice_payment": _table("""
        invoice:
        payment.charge: charge
        payment.payment_intent: payment_intent
        payment.payment_record:
    """),
    "payment_method": _table("""
        card.generated_from.setup_attempt:
        customer: customer
        sepa_debit.generated_from.charge: charge
        sepa_debit.generated_from.setup_attempt:
    """),
    "payout": _table("""
        application_fee:
        balance_transaction: balance_transaction
        destination:
        failure_balance_transaction: balance_transaction
        original_payout: payout
        reversed_by: payout
    """),
    "price": _table("product: product"),
    "product": _table("""
        default_price: price
        tax_code:
    """),
    "radar.early_fraud_warning": _table("""
        charge: charge
        payment_intent: payment_intent
    """),
    "refund": _table("""
        balance_transaction: balance_transaction
        charge: charge
        customer: customer
        failure_balance_transaction: balance_transaction
        payment_intent: payment_intent
        payment_method: payment_method
        source_transfer_reversal:
        transfer_reversal:
    """),
    "setup_intent": _table("""
        application:
        customer: customer
        latest_attempt:
        mandate:
        on_behalf_of: account
        payment_method: payment_method
        single_use_mandate:
    """),
}

# Objects that stand in another one whole: only what is below them can be expanded.
WHOLE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "dispute": _table("balance_transactions: balance_transaction"),
    "item": _table("price: price"),
    "payment_intent": _table("last_payment_error.payment_method: payment_method"),
    "setup_intent": _table("last_setup_error.payment_method: payment_method"),
}
