"""Stripe's error object (Stripe API reference: "Errors")."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A reply other than 200. Nothing is rolled back: a declined charge stays on the books."""

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
        """The reply's JSON."""
        return {"error": self.fields}


class InvalidParameter(ApiError):
    """Validation failed before anything began, so the key is not used up.

    Stripe docs, "Idempotent requests": "If incoming parameters fail validation, or the request
    conflicts with another request that's executing concurrently, we don't save the idempotent
    result".
    """

    saved = False


class EarlyRejection(ApiError):
    """An answer from in front of the idempotency layer, with its own status."""

    saved = False

    def __init__(self, status: int, message: str, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.status = status


class ResourceMissing(ApiError):
    """No such object: 404 when the URL names it, 400 when a parameter does."""

    def __init__(self, noun: str, object_id: str, param: str, *, in_url: bool = True) -> None:
        super().__init__(f"No such {noun}: '{object_id}'", code="resource_missing", param=param)
        self.status = 404 if in_url else 400


class CardError(ApiError):
    """HTTP 402: the card, not the request, is at fault."""

    status = 402

    def __init__(self, message: str, **fields: Any) -> None:
        super().__init__(message, **{"type": "card_error", **fields})


def doc_url(code: str) -> str:
    """Where Stripe explains an error code."""
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
