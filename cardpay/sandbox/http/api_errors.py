"""The errors that Stripe's API returns (Stripe API reference: "Errors")."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A response other than 200. Changes are committed: a declined charge stays recorded."""

    saved = True  # under the idempotency key, once the endpoint has begun to execute
    status = 400

    def __init__(
        self, message: str, *, code: str | None = None, param: str | None = None, **more: Any
    ) -> None:
        self.fields: Json = {"message": message, "type": "invalid_request_error"}
        if code:
            self.fields["code"] = code
            self.fields["doc_url"] = doc_url(code)
        if param:
            self.fields["param"] = param
        self.fields.update(more)
        super().__init__(message)

    @property
    def body(self) -> Json:
        """The response's JSON."""
        return {"error": self.fields}


class InvalidParameter(ApiError):
    """Validation failed before the endpoint ran, so the idempotency key can be used again.

    Stripe docs, "Idempotent requests": "If incoming parameters fail validation, or the request
    conflicts with another request that's executing concurrently, we don't save the idempotent
    result".
    """

    saved = False


class EarlyRejection(ApiError):
    """The request was rejected before idempotency keys are looked up."""

    saved = False

    def __init__(self, status: int, message: str, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.status = status


def no_access(key: str, account: str) -> EarlyRejection:
    """The error for an account that is not the key's. `key` is what the sentence begins with."""
    return EarlyRejection(
        403,
        f"{key} does not have access to account '{account}' (or that account does not exist)."
        " Application access may have been revoked.",
        code="account_invalid",
    )


class ResourceMissing(ApiError):
    """There is no such object: 404 if the URL names it, 400 if a parameter does."""

    def __init__(self, noun: str, object_id: str, param: str, *, in_url: bool = True) -> None:
        super().__init__(f"No such {noun}: '{object_id}'", code="resource_missing", param=param)
        self.status = 404 if in_url else 400


class CardError(ApiError):
    """HTTP 402: the card is invalid or was declined."""

    status = 402

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message, **{"type": "card_error", **fields})


def doc_url(code: str) -> str:
    """The URL of Stripe's documentation of an error code."""
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
