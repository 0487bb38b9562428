"""Every object has at least the fields that Stripe's published examples have."""

import pytest
import stripe

from tests.contract.api import Api

FIELDS = {
    "payment_intent": """
        amount amount_capturable amount_details amount_received application
        application_fee_amount automatic_payment_methods canceled_at cancellation_reason
        capture_method client_secret confirmation_method created currency customer
        customer_account description excluded_payment_method_types id last_payment_error
        latest_charge livemode managed_payments metadata next_action object on_behalf_of
        payment_method payment_method_configuration_details payment_method_options
        payment_method_types processing receipt_email review setup_future_usage shipping source
        statement_descriptor statement_descriptor_suffix status transfer_data transfer_group
    """,
    "charge": """
        amount amount_captured amount_refunded application application_fee
        application_fee_amount balance_transaction billing_details
        calculated_statement_descriptor captured created currency customer description disputed
        failure_balance_transaction failure_code failure_message fraud_details id livemode
        metadata object on_behalf_of outcome paid payment_intent payment_method
        payment_method_details receipt_email receipt_number receipt_url refunded review shipping
        source source_transfer statement_descriptor statement_descriptor_suffix status
        transfer_data transfer_group
    """,
    "payment_method": """
        allow_redisplay billing_details card created customer customer_account id livemode
        metadata object type
    """,
    "refund": """
        amount balance_transaction charge created currency customer customer_account
        destination_details id metadata object payment_intent payment_method reason
        receipt_number source_transfer_reversal status transfer_reversal
    """,
    "event": """
        api_version created data id livemode object pending_webhooks request type
    """,
    "account": """
        business_profile business_type capabilities charges_enabled controller country created
        default_currency details_submitted email external_accounts future_requirements id
        metadata object payouts_enabled requirements settings tos_acceptance type
    """,
}
CARD = """
    amount_authorized authorization_code brand checks country exp_month exp_year
    extended_authorization fingerprint funding incremental_authorization installments last4
    mandate multicapture network network_token network_transaction_id overcapture
    regulated_status three_d_secure transaction_link_id wallet
"""
PRIVATE = "_"


@pytest.mark.parametrize("kind", FIELDS)
def test_fields(api: Api, kind: str) -> None:
    """None is missing, and none of the sandbox's own fields is among them."""
    v1 = api.client.v1
    paid = api.paid()
    charge = v1.charges.retrieve(str(paid.latest_charge))
    found: dict[str, stripe.StripeObject] = {
        "payment_intent": paid,
        "charge": charge,
        "payment_method": v1.payment_methods.retrieve(str(paid.payment_method)),
        "refund": v1.refunds.create({"payment_intent": paid.id}),
        "event": v1.events.list({"limit": 1}).data[0],
        "account": v1.accounts.retrieve_current(),
    }
    shown = found[kind].to_dict()

    assert set(FIELDS[kind].split()) - set(shown) == set()
    assert not any(name.startswith(PRIVATE) for name in shown)


def test_fields_of_the_charged_card(api: Api) -> None:
    """`payment_method_details.card` has all of Stripe's fields."""
    paid = api.paid()

    charge = api.client.v1.charges.retrieve(str(paid.latest_charge)).to_dict()

    assert set(CARD.split()) - set(charge["payment_method_details"]["card"]) == set()
