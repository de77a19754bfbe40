# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The sandbox without its sockets: a request goes in, an answer comes out."""

from __future__ import annotations

import threading
from dataclasses import replace
from email.utils import formatdate

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens
from icr_sandbox.clock import Clock
from icr_sandbox.control import Control
from icr_sandbox.faults import Faults
from icr_sandbox.ids import Ids
from icr_sandbox.journal import Journal
from icr_sandbox.jwt import SigningKey
from icr_sandbox.messages import Call, Request, Response
from icr_sandbox.registry_access import RegistryAccess
from icr_sandbox.routing import Routes
from icr_sandbox.services.api_keys import ApiKeys
from icr_sandbox.services.iam_tokens import IamTokens
from icr_sandbox.services.image_changes import ImageChanges
from icr_sandbox.services.images import Images
from icr_sandbox.services.legacy_tokens import LegacyTokens
from icr_sandbox.services.namespaces import Namespaces
from icr_sandbox.services.policies import Policies
from icr_sandbox.services.policy_v1 import VERSION_1
from icr_sandbox.services.policy_v2 import VERSION_2
from icr_sandbox.services.registry_account import RegistryAccount
from icr_sandbox.services.registry_auth import RegistryAuth
from icr_sandbox.services.registry_content import RegistryContent
from icr_sandbox.services.registry_v2 import RegistryV2
from icr_sandbox.services.roles import Roles
from icr_sandbox.services.service_ids import ServiceIds
from icr_sandbox.state import State
from icr_sandbox.switches import Switches
from icr_sandbox.wire_errors import RefusalError


class App:
    """The whole sandbox. Safe to call from several threads: one request at a time is let in.

    `seed` makes ids and generated secrets the same in every run. Raises nothing for what a
    request may contain; no side effect outside its own memory.
    """

    def __init__(
        self,
        *,
        tokens: str = "modern",
        seed: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self._ids = Ids(seed)
        self.state = State(self.clock, self._ids, Switches(tokens=tokens))
        self.registry_key = SigningKey()
        self.faults = Faults()
        self.journal = Journal()
        self._lock = threading.Lock()
        self._routes = Routes()
        self._add_services(AccessTokens(self.state, SigningKey()))

    def _add_services(self, access_tokens: AccessTokens) -> None:
        state = self.state
        access = RegistryAccess(state, self.registry_key)
        iam = IamTokens(state, access_tokens)
        for service in (
            Control(state, self.faults, self.journal),
            iam,
            ApiKeys(state, access_tokens),
            ServiceIds(state, access_tokens),
            Policies(state, access_tokens, VERSION_1),
            Policies(state, access_tokens, VERSION_2),
            Roles(state, access_tokens),
            Namespaces(state, access_tokens),
            Images(state, access_tokens),
            ImageChanges(state, access_tokens),
            RegistryAccount(state, access_tokens),
            LegacyTokens(state, access_tokens),
            RegistryAuth(state, iam=iam, access_tokens=access_tokens, access=access),
            RegistryV2(state, access, RegistryContent(state)),
        ):
            service.add_routes(self._routes)

    def handle(self, request: Request) -> Response:
        """The answer, spoilt when a fault says so; see Response for how."""
        with self._lock:
            if request.service == "control":
                return self._answer(Call(request, ""))
            call = Call(request, self._ids.uuid())
            fault = self.faults.take(request)
            response = None
            if fault is not None and fault.moves_clock():
                self.clock.advance(fault.moves_clock())
            if fault is None or fault.lets_work_happen():
                response = self._answer(call)
            if fault is not None:
                response = fault.spoil(response)
            if response is None:
                response = Response(500)
            self.journal.add(call, response.status, fault.kind if fault else None)
            return response

    def _answer(self, call: Call) -> Response:
        request = call.request
        try:
            handler, call.params = self._routes.find(request)
            response = handler(call)
        except RefusalError as refusal:
            response = wire_errors.render(
                refusal, request, call.trace, self.clock.now()
            )
        # By the sandbox's own clock, because clients take the service's time from it.
        date = ("Date", formatdate(self.clock.now(), usegmt=True))
        headers = (*response.headers, date, *_trace_headers(call))
        return replace(response, headers=headers)


def _trace_headers(call: Call) -> tuple[tuple[str, str], ...]:
    if call.request.service == "iam":
        return (("Transaction-Id", call.trace), ("X-Correlation-Id", call.trace))
    if call.request.service == "registry":
        return (("X-Request-Id", call.trace),)
    return ()
