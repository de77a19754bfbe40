# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""API keys of users and service IDs.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api#list-api-keys
"""

from __future__ import annotations

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.records import ApiKey, Identity, Profile, User
from icr_sandbox.routing import Routes
from icr_sandbox.services.api_key_fields import ApiKeyFields, leak_action, shape
from icr_sandbox.services.callers import Callers
from icr_sandbox.services.identity_shapes import (
    check_entity_tag,
    check_query,
    etag,
    extras,
    header_is_true,
    listing,
    page_of,
    sorted_by,
)
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.state import State

_FILTERS = ("account_id", "iam_id", "scope", "type", "sort", "order")
_LIST_QUERY = frozenset({*_FILTERS, "pagesize", "pagetoken", "include_history"})
_READ_QUERY = frozenset({"include_history", "include_activity"})
_SORTS = {
    "name": lambda key: key.name,
    "description": lambda key: key.description or "",
    "created_at": lambda key: f"{key.created_at:020.6f}",
    "created_by": lambda key: key.created_by,
}


class ApiKeys:
    """All calls on /v1/apikeys."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)
        self._fields = ApiKeyFields(state)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/v1/apikeys", self.list_keys),
            ("POST", "/v1/apikeys", self.create),
            ("GET", "/v1/apikeys/details", self.details),
            ("GET", "/v1/apikeys/{id}", self.get),
            ("PUT", "/v1/apikeys/{id}", self.update),
            ("DELETE", "/v1/apikeys/{id}", self.delete),
            ("POST", "/v1/apikeys/{id}/lock", self.lock),
            ("DELETE", "/v1/apikeys/{id}/lock", self.unlock),
            ("POST", "/v1/apikeys/{id}/disable", self.disable),
            ("DELETE", "/v1/apikeys/{id}/disable", self.enable),
        ):
            routes.add("iam", method, path, handler)

    # --- reading ---

    def list_keys(self, call: Call) -> Response:
        """Own keys; those of a service ID with `type=serviceid` and its `iam_id`; all of
        the account with `scope=account` and the right to see them [documented]."""
        caller = self._callers.of_identity_call(call)
        check_query(call.request, _LIST_QUERY, self._state.switches.strict)
        page = page_of(call, _FILTERS, self._state)
        account_id = page.filters.get("account_id", caller.account_id)
        kind = page.filters.get("type", "user")
        scope = page.filters.get("scope", "entity")
        iam_id = page.filters.get("iam_id")
        if kind not in ("user", "serviceid"):
            raise wire_errors.field_invalid("type", "user or serviceid is expected")
        if scope not in ("entity", "account"):
            raise wire_errors.field_invalid("scope", "entity or account is expected")
        self._state.forget_long_expired_keys()
        if scope == "entity":
            iam_id = iam_id or caller.iam_id
            if iam_id != caller.iam_id and kind == "user":
                raise wire_errors.foreign_iam_id()
        if iam_id != caller.iam_id and not self._callers.may_read_identities(
            caller, account_id
        ):
            raise wire_errors.identity_forbidden()
        keys = [
            key
            for key in self._state.api_keys.values()
            if key.account_id == account_id
            and (iam_id is None or key.iam_id == iam_id)
            and (iam_id is not None or _is_service_key(key) == (kind == "serviceid"))
        ]
        keys = sorted_by(keys, page.filters, _SORTS)
        return json_response(
            200,
            listing(
                call,
                "apikeys",
                keys,
                page,
                lambda key: {**shape(key), **extras(call, key)},
            ),
        )

    def details(self, call: Call) -> Response:
        """The key of the value in `IAM-ApiKey` [documented]."""
        caller = self._callers.of_identity_call(call)
        value = call.request.header("iam-apikey")
        if not value:
            raise wire_errors.field_missing("IAM-ApiKey")
        key = self._state.key_by_value(value)
        if key is None:
            raise wire_errors.entity_not_found("ApiKey", "(given by value)")
        self._check_readable(caller, key)
        return self._shown(call, key)

    def get(self, call: Call) -> Response:
        caller = self._callers.of_identity_call(call)
        check_query(call.request, _READ_QUERY, self._state.switches.strict)
        key = self._key(call)
        self._check_readable(caller, key)
        return self._shown(call, key, with_value=key.store_value)

    def _shown(
        self, call: Call, key: ApiKey, *, status: int = 200, with_value: bool = False
    ) -> Response:
        answer = {**shape(key, with_value=with_value), **extras(call, key)}
        return json_response(status, answer, etag(key))

    def _key(self, call: Call) -> ApiKey:
        self._state.forget_long_expired_keys()
        key = self._state.api_keys.get(call.params["id"])
        if key is None:
            raise wire_errors.entity_not_found("ApiKey", call.params["id"])
        return key

    def _check_readable(self, caller: Caller, key: ApiKey) -> None:
        if key.iam_id != caller.iam_id and not self._callers.may_read_identities(
            caller, key.account_id
        ):
            raise wire_errors.identity_forbidden()

    # --- writing ---

    def create(self, call: Call) -> Response:
        """The value is in this answer and, unless stored, nowhere else [documented]."""
        caller = self._callers.of_identity_call(call)
        body = _body(call)
        name = body.required_text("name")
        identity = self._owner_of_new_key(caller, body.required_text("iam_id"))
        account_id = body.text("account_id") or identity.account_id
        if account_id != identity.account_id:
            raise body.refuse("account_id", "it is not the account of the iam_id")
        support_sessions = body.flag("support_sessions")
        if support_sessions and not isinstance(identity, User):
            raise body.refuse("support_sessions", "it is for keys of users")
        key = self._fields.make(
            body,
            identity,
            caller,
            name=name,
            support_sessions=support_sessions,
            locked=header_is_true(call.request, "Entity-Lock"),
            disabled=header_is_true(call.request, "Entity-Disable"),
        )
        return json_response(201, shape(key, with_value=True), etag(key))

    def _owner_of_new_key(self, caller: Caller, iam_id: str) -> Identity:
        """A user makes keys for itself; for service IDs it takes a right [documented]."""
        identity = self._state.identity(iam_id)
        if identity is None or isinstance(identity, Profile):
            raise wire_errors.field_invalid("iam_id", "the identity does not exist")
        if isinstance(identity, User):
            if identity.iam_id != caller.iam_id:
                raise wire_errors.identity_forbidden()
        elif not self._callers.may_write_identities(caller, identity.account_id):
            raise wire_errors.identity_forbidden()
        return identity

    def update(self, call: Call) -> Response:
        """Neither value nor owner nor `store_value` change [documented]; fields that are
        not given stay what they were [assumed]."""
        caller, key = self._writable(call)
        self._check_unlocked(key)
        check_entity_tag(call, key, self._state.switches.stale_etag_status)
        body = _body(call)
        changes: dict[str, object] = {}
        if body.has("name"):
            changes["name"] = body.required_text("name")
        if body.has("description"):
            changes["description"] = body.text("description") or None
        if body.has("support_sessions"):
            changes["support_sessions"] = body.flag("support_sessions")
        if body.has("action_when_leaked"):
            changes["action_when_leaked"] = leak_action(body)
        if body.has("expires_at"):
            changes["expires_at"] = self._fields.expiry(body)
        body.done(self._state.switches.strict)
        for name, value in changes.items():
            setattr(key, name, value)
        self._state.touch(key, caller.iam_id, "update", sorted(changes))
        return self._shown(call, key, with_value=key.store_value)

    def delete(self, call: Call) -> Response:
        _caller, key = self._writable(call)
        self._check_unlocked(key)
        self._state.remove_key(key)
        return Response(204)

    def lock(self, call: Call) -> Response:
        return self._set(call, "locked", True, "lock")

    def unlock(self, call: Call) -> Response:
        return self._set(call, "locked", False, "unlock")

    def disable(self, call: Call) -> Response:
        return self._set(call, "disabled", True, "disable")

    def enable(self, call: Call) -> Response:
        return self._set(call, "disabled", False, "enable")

    def _set(self, call: Call, name: str, value: bool, action: str) -> Response:
        """204, also when it already was so [assumed]; only (un)locking passes a lock."""
        caller, key = self._writable(call)
        if name != "locked":
            self._check_unlocked(key)
        if getattr(key, name) != value:
            setattr(key, name, value)
            self._state.touch(key, caller.iam_id, action, [])
        return Response(204)

    def _writable(self, call: Call) -> tuple[Caller, ApiKey]:
        caller = self._callers.of_identity_call(call)
        key = self._key(call)
        own = isinstance(caller.identity, User) and key.iam_id == caller.iam_id
        if not own and not self._callers.may_write_identities(caller, key.account_id):
            raise wire_errors.identity_forbidden()
        return caller, key

    def _check_unlocked(self, key: ApiKey) -> None:
        if key.locked:
            raise wire_errors.entity_locked(
                self._state.switches.locked_status, "API key"
            )


def _body(call: Call) -> JsonBody:
    return JsonBody.of(call.request, wire_errors.IDENTITY, wire_errors.field_invalid)


def _is_service_key(key: ApiKey) -> bool:
    return key.iam_id.startswith("iam-ServiceId-")
