"""`/_control/…`: sets faults, the clock and more over HTTP, for tests in another process."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from cardpay.sandbox.sandbox import Sandbox


class ControlApi:
    """The control API of one sandbox. Requests and responses are JSON."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): lambda _: sandbox.clear_requests(),
            ("GET", "faults"): lambda _: [asdict(fault) for fault in sandbox.faults.pending()],
            ("POST", "faults"): lambda body: asdict(sandbox.faults.add(**body)),
            ("DELETE", "faults"): lambda _: sandbox.faults.clear(),
            ("GET", "clock"): self._now,
            ("POST", "clock"): self._set_clock,
            ("POST", "moto"): self._set_moto,
            ("POST", "restricted_keys"): self._restrict_key,
            ("POST", "endpoints"): self._add_endpoint,
            ("POST", "payout_schedule"): lambda body: sandbox.outside.schedule_payouts(**body),
            ("POST", "payout_failure"): lambda body: sandbox.outside.fail_payout(**body),
            ("POST", "balance"): lambda body: sandbox.outside.change_balance(**body),
            ("POST", "refund_failure"): lambda body: sandbox.outside.fail_refund(**body),
            ("POST", "disputes"): lambda body: sandbox.outside.open_dispute(**body),
            ("POST", "dispute_status"): lambda body: sandbox.outside.move_dispute(**body),
            ("POST", "fraud_warnings"): lambda body: sandbox.outside.warn_of_fraud(**body),
            ("POST", "invoices"): lambda body: sandbox.outside.bill(**body),
            ("POST", "processing"): lambda body: sandbox.outside.begin_processing(**body),
            ("POST", "declines"): self._decline_all,
            ("POST", "webhooks"): lambda _: {"tries": sandbox.webhooks.drain()},
            ("POST", "reset"): lambda _: sandbox.reset(),
        }

    def handle(self, method: str, name: str, body: bytes) -> Response:
        """The response to one request; 404 for an unknown one, 400 for an invalid body."""
        route = self._routes.get((method, name))
        if route is None:
            return JSONResponse({"error": f"no such control: {method} {name}"}, 404)
        try:
            return JSONResponse(route(json.loads(body) if body else {}))
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, 400)

    def _requests(self, _body: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {**asdict(request), "at": request.at.isoformat()} for request in self._sandbox.requests
        ]

    def _now(self, _body: dict[str, Any]) -> dict[str, str]:
        return {"now": self._sandbox.clock.now().isoformat()}

    def _set_clock(self, body: dict[str, Any]) -> dict[str, str]:
        clock = self._sandbox.clock
        if "set" in body:
            clock.set(datetime.fromisoformat(body["set"]))
        elif "advance_seconds" in body:
            clock.advance(timedelta(seconds=body["advance_seconds"]))
        else:
            clock.release()
        self._sandbox.run_due()
        return self._now(body)

    def _add_endpoint(self, body: dict[str, Any]) -> dict[str, str]:
        """Send later events to `url`, signed with `secret` or with the account's own."""
        secret = body.get("secret", self._sandbox.webhook_secret)
        self._sandbox.webhooks.add_endpoint(body["url"], secret)
        return {"url": body["url"], "secret": secret}

    def _restrict_key(self, body: dict[str, Any]) -> dict[str, Any]:
        """Set what a restricted key may do; no list lets it do everything."""
        self._sandbox.restrict_key(body["key"], body.get("permissions"))
        return body

    def _decline_all(self, body: dict[str, Any]) -> dict[str, bool]:
        self._sandbox.declines_all = bool(body["all"])
        return {"all": self._sandbox.declines_all}

    def _set_moto(self, body: dict[str, Any]) -> dict[str, bool]:
        self._sandbox.moto = bool(body["allowed"])
        return {"allowed": self._sandbox.moto}
