"""The setting of telephone orders: whether charges are declared to the bank as such."""

from pydantic import Field
from pydantic_settings import BaseSettings


class TelephoneOrderSettings(BaseSettings):
    """Off unless it is asked for: Stripe has to give the account the right first."""

    moto: bool | None = Field(None, alias="CARDPAY_MOTO")

    @property
    def marks_telephone_orders(self) -> bool:
        """Whether a confirm carries Stripe's `moto` flag."""
        return bool(self.moto)
