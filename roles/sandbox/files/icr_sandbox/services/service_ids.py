# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Service IDs, alone or made together with their first API key.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api#list-service-ids
"""

from __future__ import annotations

from icr_sandbox import entities, wire_errors
from icr_sandbox.access_tokens import AccessTokens, Caller
from icr_sandbox.clock import minute_text
from icr_sandbox.messages import Call, Response, json_response
from icr_sandbox.records import ServiceId
from icr_sandbox.routing import Routes
from icr_sandbox.services import api_key_fields
from icr_sandbox.services.api_key_fields import ApiKeyFields
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

_FILTERS = ("account_id", "name", "group_id", "sort", "order")
_LIST_QUERY = frozenset(
    {*_FILTERS, "pagesize", "pagetoken", "include_history", "show_group_id"}
)
_READ_QUERY = frozenset({"include_history", "include_activity", "show_group_id"})
_SORTS = {
    "name": lambda entity: entity.name,
    "description": lambda entity: entity.description or "",
    "created_at": lambda entity: f"{entity.created_at:020.6f}",
    "modified_at": lambda entity: f"{entity.modified_at:020.6f}",
}


class ServiceIds:
    """All calls on /v1/serviceids."""

    def __init__(self, state: State, tokens: AccessTokens) -> None:
        self._state = state
        self._callers = Callers(state, tokens)
        self._key_fields = ApiKeyFields(state)

    def add_routes(self, routes: Routes) -> None:
        for method, path, handler in (
            ("GET", "/v1/serviceids", self.list_service_ids),
            ("POST", "/v1/serviceids", self.create),
            ("GET", "/v1/serviceids/{id}", self.get),
            ("PUT", "/v1/serviceids/{id}", self.update),
            ("DELETE", "/v1/serviceids/{id}", self.delete),
            ("POST", "/v1/serviceids/{id}/lock", self.lock),
            ("DELETE", "/v1/serviceids/{id}/lock", self.unlock),
        ):
            routes.add("iam", method, path, handler)

    # --- reading ---

    def list_service_ids(self, call: Call) -> Response:
        """`account_id` is needed unless a `pagetoken` is given [documented]; `name`
        filters by the exact name [inferred]. A caller without the right to see the
        account's service IDs sees itself at most [assumed]."""
        caller = self._callers.of_identity_call(call)
        check_query(call.request, _LIST_QUERY, self._state.switches.strict)
        page = page_of(call, _FILTERS, self._state)
        account_id = page.filters.get("account_id")
        if not account_id:
            raise wire_errors.field_missing("account_id")
        sees_all = self._callers.may_read_identities(caller, account_id)
        found = [
            entity
            for entity in self._state.service_ids.values()
            if entity.account_id == account_id
            and (sees_all or entity.iam_id == caller.iam_id)
            and page.filters.get("name") in (None, entity.name)
            and page.filters.get("group_id") in (None, entity.group_id)
        ]
        found = sorted_by(found, page.filters, _SORTS)
        return json_response(
            200,
            listing(
                call,
                "serviceids",
                found,
                page,
                lambda entity: {**shape(entity), **extras(call, entity)},
            ),
        )

    def get(self, call: Call) -> Response:
        caller = self._callers.of_identity_call(call)
        check_query(call.request, _READ_QUERY, self._state.switches.strict)
        entity = self._service_id(call)
        if entity.iam_id != caller.iam_id and not self._callers.may_read_identities(
            caller, entity.account_id
        ):
            raise wire_errors.identity_forbidden()
        answer = {**shape(entity), **extras(call, entity)}
        return json_response(200, answer, etag(entity))

    def _service_id(self, call: Call) -> ServiceId:
        entity = self._state.service_ids.get(call.params["id"])
        if entity is None:
            raise wire_errors.entity_not_found("ServiceId", call.params["id"])
        return entity

    # --- writing ---

    def create(self, call: Call) -> Response:
        """Names are not unique; an `apikey` inside is made too and shown whole, here only
        [documented]."""
        caller = self._callers.of_identity_call(call)
        body = _body(call)
        account_id = body.required_text("account_id")
        if not self._callers.may_write_identities(caller, account_id):
            raise wire_errors.identity_forbidden()
        name = body.required_text("name")
        description = body.text("description")
        group_id = body.text("group_id")
        crns = body.texts("unique_instance_crns")
        key_body = body.inner("apikey")
        key_name = None if key_body is None else key_body.required_text("name")
        body.done(self._state.switches.strict)
        limit = self._state.limits.service_ids_per_account
        if self._count(account_id) >= limit:
            raise wire_errors.limit_reached(
                self._state.switches.key_limit_status, "service IDs", limit
            )
        entity = entities.add_service_id(
            self._state,
            account_id,
            name,
            created_by=caller.iam_id,
            description=description,
            locked=header_is_true(call.request, "Entity-Lock"),
            group_id=group_id,
            unique_instance_crns=crns,
        )
        answer = shape(entity)
        if key_body is not None and key_name is not None:
            try:
                key = self._key_fields.make(key_body, entity, caller, name=key_name)
            except wire_errors.RefusalError:
                # Both or none: a service ID without the key that was asked for is no use.
                entities.remove_service_id(self._state, entity)
                raise
            answer["apikey"] = api_key_fields.shape(key, with_value=True)
        return json_response(201, answer, etag(entity))

    def _count(self, account_id: str) -> int:
        return sum(
            entity.account_id == account_id
            for entity in self._state.service_ids.values()
        )

    def update(self, call: Call) -> Response:
        caller, entity = self._writable(call)
        self._check_unlocked(entity)
        check_entity_tag(call, entity, self._state.switches.stale_etag_status)
        body = _body(call)
        changes: dict[str, object] = {}
        if body.has("name"):
            changes["name"] = body.required_text("name")
        if body.has("description"):
            changes["description"] = body.text("description") or None
        if body.has("unique_instance_crns"):
            changes["unique_instance_crns"] = body.texts("unique_instance_crns")
        body.done(self._state.switches.strict)
        for name, value in changes.items():
            setattr(entity, name, value)
        self._state.touch(entity, caller.iam_id, "update", sorted(changes))
        return json_response(200, shape(entity), etag(entity))

    def delete(self, call: Call) -> Response:
        """Keys go first, policies go softly; 409 as often as the switch says [documented:
        that it can happen and a retry may help]."""
        _caller, entity = self._writable(call)
        self._check_unlocked(entity)
        if self._state.switches.service_id_delete_conflicts:
            self._state.switches.service_id_delete_conflicts -= 1
            raise wire_errors.delete_collided()
        entities.remove_service_id(self._state, entity)
        return Response(204)

    def lock(self, call: Call) -> Response:
        return self._set_lock(call, True)

    def unlock(self, call: Call) -> Response:
        return self._set_lock(call, False)

    def _set_lock(self, call: Call, locked: bool) -> Response:
        caller, entity = self._writable(call)
        if entity.locked != locked:
            entity.locked = locked
            action = "lock" if locked else "unlock"
            self._state.touch(entity, caller.iam_id, action, [])
        return Response(204)

    def _writable(self, call: Call) -> tuple[Caller, ServiceId]:
        caller = self._callers.of_identity_call(call)
        entity = self._service_id(call)
        if not self._callers.may_write_identities(caller, entity.account_id):
            raise wire_errors.identity_forbidden()
        return caller, entity

    def _check_unlocked(self, entity: ServiceId) -> None:
        if entity.locked:
            raise wire_errors.entity_locked(
                self._state.switches.locked_status, "service ID"
            )


def _body(call: Call) -> JsonBody:
    return JsonBody.of(call.request, wire_errors.IDENTITY, wire_errors.field_invalid)


def shape(entity: ServiceId) -> dict[str, object]:
    """The service ID as the API shows it. Pure."""
    answer: dict[str, object] = {
        "id": entity.id,
        "iam_id": entity.iam_id,
        "entity_tag": entity.revision.text,
        "crn": (
            f"crn:v1:bluemix:public:iam-identity::a/{entity.account_id}"
            f"::serviceid:{entity.id}"
        ),
        "locked": entity.locked,
        "created_at": minute_text(entity.created_at),
        "modified_at": minute_text(entity.modified_at),
        "account_id": entity.account_id,
        "name": entity.name,
    }
    optional = {
        "description": entity.description,
        "group_id": entity.group_id,
        "unique_instance_crns": entity.unique_instance_crns,
    }
    answer.update(
        {name: value for name, value in optional.items() if value is not None}
    )
    return answer
