"""All settings as one frozen object."""

import re
from datetime import timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from cardpay.domain.access.permissions import Role
from cardpay.domain.history.reconciliation_schedule import DEFAULT_MINUTES
from cardpay.domain.history.stripe_read_limits import DEFAULT_READ_BUDGET
from cardpay.domain.payment.expiry_rules import UNPAID_LIFETIME
from cardpay.domain.stripe_account import Mode
from cardpay.logs.configuration import Format, Level
from cardpay.settings.audit import AuditSettings
from cardpay.settings.comma_lists import names_in
from cardpay.settings.company import CompanySettings
from cardpay.settings.database_url import secrets_in, without_secrets
from cardpay.settings.network import NetworkSettings
from cardpay.settings.payment_limits import LimitSettings
from cardpay.settings.retention import RetentionSettings
from cardpay.settings.taking import TakingSettings

_NOT_SET: Final = "not set"
_PASSWORD_IN_URL = re.compile(r"://(?P<user>[^:/@]*):[^/]*@")


class Settings(
    NetworkSettings,
    CompanySettings,
    TakingSettings,
    LimitSettings,
    RetentionSettings,
    AuditSettings,
):
    """The environment, or a `.env` file beside the app. Secrets do not show in `repr`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    time_zone: str = Field("UTC", alias="CARDPAY_TIME_ZONE")
    reporting_currency: str = Field("", alias="CARDPAY_REPORTING_CURRENCY")
    unpaid_hours: int = Field(
        UNPAID_LIFETIME // timedelta(hours=1), ge=0, le=24 * 366, alias="CARDPAY_UNPAID_HOURS"
    )
    read_budget: int = Field(DEFAULT_READ_BUDGET, alias="CARDPAY_READ_BUDGET", ge=0)
    reconcile_minutes: int = Field(DEFAULT_MINUTES, alias="CARDPAY_RECONCILE_MINUTES", ge=0)
    roles: str = Field(",".join(Role), alias="CARDPAY_ROLES")
    chosen_log_format: Format | None = Field(None, alias="CARDPAY_LOG_FORMAT")
    log_level: Level | None = Field(None, alias="CARDPAY_LOG_LEVEL")

    @field_validator("*", mode="before")
    @classmethod
    def _without_line_ends(cls, value: object) -> object:
        """A secret that is mounted as a file ends with a line end, which no header may hold."""
        return value.strip() if isinstance(value, str) else value

    @field_validator("reporting_currency")
    @classmethod
    def _lower_case(cls, value: str) -> str:
        return value.lower()

    @cached_property
    def business_zone(self) -> ZoneInfo:
        """The zone of the business day, for reports, limits and exports."""
        return ZoneInfo(self.time_zone)

    @property
    def unpaid_for(self) -> timedelta | None:
        """How long a payment may stay unpaid before it is cancelled; None for ever."""
        return timedelta(hours=self.unpaid_hours) if self.unpaid_hours else None

    @cached_property
    def everyones_roles(self) -> frozenset[Role]:
        """What each person may be while sign-in is off."""
        return frozenset(Role(name) for name in names_in(self.roles))

    @property
    def log_format(self) -> Format:
        """A line of JSON for each event where machines read it; the demo is read by people."""
        return self.chosen_log_format or ("text" if self.mode is Mode.DEMO else "json")

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret that is set, to be blotted out wherever it turns up."""
        told = (getattr(self, name) for name in type(self).model_fields)
        found = {value.get_secret_value() for value in told if isinstance(value, SecretStr)}
        found |= self.audit_key_texts
        addresses = (self.database, self.reporting_database_url)
        return frozenset(found).union(*(secrets_in(one) for one in addresses if one))

    def overview(self) -> dict[str, str]:
        """What each variable is, for a person to read, and whether that is its default.

        Of a secret, only whether it is set.
        """
        defaults, shown = self._defaults(), {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            said = _shown(defaults.get(name) if value is None else value)
            is_default = name not in self.model_fields_set and said != _NOT_SET
            shown[str(field.alias)] = f"{said} (default)" if is_default else said
        for name in ("database_url", "reporting_database_url"):
            if address := getattr(self, name):
                shown[str(type(self).model_fields[name].alias)] = without_secrets(address)
        return shown

    def _defaults(self) -> dict[str, object]:
        """What holds where nothing was set and the default depends on other settings."""
        limits = self.limits
        return {
            "limit_payments_of_person": limits.payments_per_person_per_hour,
            "limit_declines_of_person": limits.declines_per_person,
            "chosen_log_format": self.log_format,
            "log_level": "INFO",
            "database_url": without_secrets(self.database),
            "audit_heads": "beside the database",
            "export_folder": "beside the database",
            "moto": self.marks_telephone_orders,
            "chosen_sign_in": "oidc" if self.signs_in else "off",
        }


def _shown(value: object) -> str:
    if value is None or value == "":
        return _NOT_SET
    if isinstance(value, SecretStr):
        return "set"
    return _PASSWORD_IN_URL.sub("://\\g<user>:…@", str(value))
