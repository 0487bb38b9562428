"""`/_control/…`: the switchboard over HTTP, for suites that run the sandbox on its own."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from cardpay.sandbox.sandbox import Sandbox


class ControlApi:
    """The routes. Bodies and answers are JSON."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): lambda _: sandbox.clear_requests(),
            ("GET", "faults"): lambda _: [asdict(fault) for fault in sandbox.faults.waiting()],
            ("POST", "faults"): lambda given: asdict(sandbox.faults.add(**given)),
            ("DELETE", "faults"): lambda _: sandbox.faults.clear(),
            ("GET", "clock"): self._now,
            ("POST", "clock"): self._clock,
            ("POST", "moto"): self._moto,
            ("POST", "endpoints"): self._endpoint,
            ("POST", "webhooks"): lambda _: {"tries": sandbox.webhooks.drain()},
            ("POST", "reset"): lambda _: sandbox.reset(),
        }

    def answer(self, method: str, name: str, body: bytes) -> Response:
        """Carry out one; 400 when what it was given makes no sense."""
        route = self._routes.get((method, name))
        if route is None:
            return JSONResponse({"error": f"no such control: {method} {name}"}, 404)
        try:
            return JSONResponse(route(json.loads(body) if body else {}))
        except (ValueError, TypeError, KeyError) as error:
            return JSONResponse({"error": str(error)}, 400)

    def _requests(self, _given: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {**asdict(request), "at": request.at.isoformat()} for request in self._sandbox.requests
        ]

    def _now(self, _given: dict[str, Any]) -> dict[str, str]:
        return {"now": self._sandbox.clock.now().isoformat()}

    def _clock(self, given: dict[str, Any]) -> dict[str, str]:
        clock = self._sandbox.clock
        if "set" in given:
            clock.set(datetime.fromisoformat(given["set"]))
        elif "advance_seconds" in given:
            clock.advance(timedelta(seconds=given["advance_seconds"]))
        else:
            clock.release()
        self._sandbox.run_due()
        return self._now(given)

    def _endpoint(self, given: dict[str, Any]) -> dict[str, str]:
        """Send events from now on to `url`, signed with `secret` or the account's own."""
        secret = given.get("secret", self._sandbox.webhook_secret)
        self._sandbox.webhooks.add_endpoint(given["url"], secret)
        return {"url": given["url"], "secret": secret}

    def _moto(self, given: dict[str, Any]) -> dict[str, bool]:
        self._sandbox.moto = bool(given["allowed"])
        return {"allowed": self._sandbox.moto}
