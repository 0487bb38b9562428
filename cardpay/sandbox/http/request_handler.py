"""Handles one API request: API key, faults, idempotency and endpoint, in Stripe's order."""

import json
import logging
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from urllib.parse import urlsplit

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.api.payments.payment_methods import without_secrets
from cardpay.sandbox.fault_injection import ConnectionDropped, Fault, FaultInjector, Hang
from cardpay.sandbox.http import api_keys, form_encoding, idempotency, routing
from cardpay.sandbox.http.api_errors import ApiError, EarlyRejection, InvalidParameter
from cardpay.sandbox.http.api_keys import Caller
from cardpay.sandbox.http.form_encoding import Raw
from cardpay.sandbox.http.idempotency import SavedReply
from cardpay.sandbox.http.parameter_validation import read
from cardpay.sandbox.http.response_expansion import expanded
from cardpay.sandbox.state.account_state import API_VERSION, Call, State, new_id
from cardpay.sandbox.state.sqlite_store import Json

_log = logging.getLogger(__name__)

MAX_RECORDED_REQUESTS = 1000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class RecordedRequest:
    """A request as recorded for tests, without card data and without client_secrets.

    `status` is None if the connection was lost or timed out.
    """

    at: datetime
    method: str
    path: str
    idempotency_key: str | None
    params: dict[str, Raw]
    status: int | None
    request_id: str


class RequestHandler:
    """Handles API requests one at a time. A key that is in use gets a 409 without waiting."""

    def __init__(self, state: State, faults: FaultInjector) -> None:
        self._state = state
        self._faults = faults
        self._running_keys: set[str] = set()
        self._lock = Lock()
        self.requests: deque[RecordedRequest] = deque(maxlen=MAX_RECORDED_REQUESTS)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The response to one request. Raises ConnectionDropped or Hang if a fault says so."""
        url = urlsplit(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        recorded = RecordedRequest(
            at=self._state.clock.now(),
            method=method,
            path=url.path,
            idempotency_key=lowered.get("idempotency-key") or None,
            params={},
            status=None,
            request_id=new_id("req_", 14),
        )
        fault = self._faults.take(method, url.path)
        version = API_VERSION
        try:
            raw = _params(method, url.query, lowered, body)
            recorded = replace(recorded, params=without_secrets(raw))
            _lose_connection(fault, "before")
            caller = api_keys.caller(self._state, lowered)
            version = caller.api_version
            saved, replayed = self._replay_or_run(recorded, caller, raw, fault)
            _lose_connection(fault, "after")
        except ApiError as error:
            saved = SavedReply(error.status, json.dumps(error.body), recorded.request_id)
            replayed = False
        except OSError:
            self.requests.append(recorded)
            raise
        self.requests.append(replace(recorded, status=saved.status))
        return _reply(saved, recorded, version, replayed=replayed)

    def _replay_or_run(
        self,
        recorded: RecordedRequest,
        caller: Caller,
        raw: dict[str, Raw],
        fault: Fault | None,
    ) -> tuple[SavedReply, bool]:
        _reject(fault, recorded)
        key = recorded.idempotency_key if recorded.method == "POST" else None
        if key is None:
            return self._run(recorded, caller, raw, fault), False
        idempotency.check_length(key)
        with self._in_use(key):
            with self._state.store.transaction():
                found = idempotency.find(self._state, key, recorded.path, raw)
            if found is not None:
                return found, True
            return self._run(recorded, caller, raw, fault), False

    @contextmanager
    def _in_use(self, key: str) -> Iterator[None]:
        with self._lock:
            if key in self._running_keys:
                raise idempotency.in_use(key)
            self._running_keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._running_keys.discard(key)

    def _run(
        self,
        recorded: RecordedRequest,
        caller: Caller,
        raw: dict[str, Raw],
        fault: Fault | None,
    ) -> SavedReply:
        if fault is not None and fault.kind == "delay":
            fault.wait()
        try:
            with self._state.store.transaction():
                scheduled_changes.run_due(self._state)
                return self._execute(recorded, caller, raw, fault)
        except ApiError:
            raise
        except Exception:  # noqa: BLE001 - a bug here becomes a 500, as at Stripe
            _log.exception("the sandbox failed on %s %s", recorded.method, recorded.path)
            return SavedReply(500, json.dumps(_server_error()), recorded.request_id)

    def _execute(
        self,
        recorded: RecordedRequest,
        caller: Caller,
        raw: dict[str, Raw],
        fault: Fault | None,
    ) -> SavedReply:
        found = routing.find(recorded.method, recorded.path)
        if found is None:
            raise EarlyRejection(
                404,
                f"Unrecognized request URL ({recorded.method}: {recorded.path}). Please see"
                " https://stripe.com/docs or we can help at https://support.stripe.com/.",
            )
        endpoint, ids = found
        if caller.publishable and not endpoint.publishable:
            raise api_keys.secret_required()
        caller.check_permission(self._state, recorded.method, recorded.path)
        params = read(endpoint.fields, raw, required=endpoint.required)
        call = Call(
            params,
            ids,
            caller.publishable,
            recorded.request_id,
            recorded.idempotency_key,
            caller.api_version,
        )
        status, body = 500, _server_error()
        if fault is None or fault.kind != "error_500":
            status, body = self._run_endpoint(endpoint, call)
        elif fault.executed:
            self._run_endpoint(endpoint, call)
        saved = SavedReply(status, json.dumps(body), recorded.request_id)
        if recorded.idempotency_key and recorded.method == "POST":
            idempotency.save(self._state, recorded.idempotency_key, recorded.path, raw, saved)
        return saved

    def _run_endpoint(self, endpoint: routing.Endpoint, call: Call) -> tuple[int, Json]:
        self._state.call = call
        self._state.store.begin_change()
        try:
            resource = endpoint.run(self._state, call)
            return 200, expanded(self._state, resource, call.params.get("expand", ()))
        except ApiError as error:
            if not error.saved:
                raise
            return error.status, error.body
        finally:
            self._state.call = None


def _lose_connection(fault: Fault | None, when: str) -> None:
    if fault is not None and fault.kind == f"timeout_{when}":
        raise Hang(fault.seconds)
    if fault is not None and fault.kind == f"drop_{when}":
        raise ConnectionDropped("the connection was dropped")


def _reject(fault: Fault | None, recorded: RecordedRequest) -> None:
    if fault is None:
        return
    if fault.kind == "conflict":
        raise idempotency.in_use(recorded.idempotency_key or "")
    if fault.kind == "rate_limit":
        raise EarlyRejection(
            429,
            "Request rate limit exceeded. Learn more about rate limits here:"
            " https://stripe.com/docs/rate-limits.",
            code="rate_limit",
        )
    if fault.kind == "lock_timeout":
        raise EarlyRejection(
            429,
            "This object cannot be accessed right now because another API request or Stripe"
            " process is currently accessing it.",
            code="lock_timeout",
        )


def _params(method: str, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Raw]:
    if method != "POST":
        return form_encoding.parse(query)
    if body and not headers.get("content-type", _FORM).startswith(_FORM):
        raise InvalidParameter(f"Invalid request (check that your POST content type is {_FORM}).")
    try:
        return {**form_encoding.parse(query), **form_encoding.parse(body.decode())}
    except UnicodeDecodeError as error:
        raise InvalidParameter("Invalid UTF-8 in the request's body.") from error


def _server_error() -> Json:
    return {
        "error": {
            "message": "An unknown error occurred. Please retry your request.",
            "type": "api_error",
        }
    }


def _reply(saved: SavedReply, recorded: RecordedRequest, version: str, *, replayed: bool) -> Reply:
    headers = {
        "Content-Type": "application/json",
        "Request-Id": recorded.request_id,
        "Stripe-Version": version,
    }
    if recorded.idempotency_key:
        headers["Idempotency-Key"] = recorded.idempotency_key
        headers["Original-Request"] = saved.request_id
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Reply(saved.status, headers, saved.body.encode())
