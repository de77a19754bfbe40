# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The control port: what a test does to the sandbox, as opposed to what a client asks of it.

It has no credentials, so it listens on the loopback interface only, whatever the others do.
"""

from __future__ import annotations

import json
import os

from icr_sandbox.clock import seconds_text
from icr_sandbox.faults import Fault, Faults
from icr_sandbox.journal import Journal
from icr_sandbox.messages import Call, Request, Response, json_response
from icr_sandbox.routing import Routes
from icr_sandbox.seed_item import SeedError, moment_of
from icr_sandbox.seeding import Seeding
from icr_sandbox.state import State
from icr_sandbox.wire_errors import control_refused


class Control:
    """Every call is described, with an example, in docs/sandbox.md."""

    def __init__(self, state: State, faults: Faults, journal: Journal) -> None:
        self._state = state
        self._faults = faults
        self._journal = journal
        self._seeding = Seeding(state)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/health", self.health),
            ("POST", "/reset", self.reset),
            ("POST", "/seed", self.seed),
            ("GET", "/clock", self.clock),
            ("POST", "/clock", self.set_clock),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.add_fault),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/switches", self.switches),
            ("POST", "/switches", self.set_switches),
            ("GET", "/journal", self.journal),
            ("DELETE", "/journal", self.clear_journal),
        ):
            routes.add("control", method, path, handler)

    def health(self, call: Call) -> Response:
        return json_response(200, {"pid": os.getpid()})

    def reset(self, call: Call) -> Response:
        """Everything as at the start: world, clock, switches, faults, journal."""
        self._state.reset()
        self._faults.clear()
        self._journal.clear()
        return Response(204)

    def seed(self, call: Call) -> Response:
        try:
            return json_response(201, self._seeding.seed(_body(call.request)))
        except SeedError as error:
            raise control_refused(str(error)) from None

    def clock(self, call: Call) -> Response:
        now = self._state.clock.now()
        return json_response(200, {"now": now, "utc": seconds_text(now)})

    def set_clock(self, call: Call) -> Response:
        body = _body(call.request)
        if len(body) != 1 or not body.keys() <= {"set", "advance"}:
            raise control_refused("give either set or advance")
        try:
            if "set" in body:
                self._state.clock.set(moment_of(body["set"], "set"))
            else:
                self._state.clock.advance(_number(body["advance"], "advance"))
        except SeedError as error:
            raise control_refused(str(error)) from None
        return self.clock(call)

    def faults(self, call: Call) -> Response:
        return json_response(200, {"faults": self._faults.as_list()})

    def add_fault(self, call: Call) -> Response:
        try:
            fault = self._faults.add(Fault.from_dict(_body(call.request)))
        except ValueError as error:
            raise control_refused(str(error)) from None
        return json_response(201, {"id": fault.id})

    def clear_faults(self, call: Call) -> Response:
        self._faults.clear()
        return Response(204)

    def switches(self, call: Call) -> Response:
        return json_response(200, self._state.switches.as_dict())

    def set_switches(self, call: Call) -> Response:
        try:
            self._state.switches.change(_body(call.request))
        except ValueError as error:
            raise control_refused(str(error)) from None
        return self.switches(call)

    def journal(self, call: Call) -> Response:
        return json_response(200, {"requests": self._journal.as_list()})

    def clear_journal(self, call: Call) -> Response:
        self._journal.clear()
        return Response(204)


def _body(request: Request) -> dict[str, object]:
    """The JSON object of the request. Raises RefusalError."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise control_refused("the body has to be a JSON object")
    return body


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SeedError(f"{what} is a number of seconds")
    return float(value)
