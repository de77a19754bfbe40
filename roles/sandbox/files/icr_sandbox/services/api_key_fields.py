# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The fields of an API key: read from a body, shown in an answer.

Source: https://cloud.ibm.com/apidocs/iam-identity-token-api#create-api-key
"""

from __future__ import annotations

from icr_sandbox import entities, wire_errors
from icr_sandbox.access_tokens import Caller
from icr_sandbox.clock import minute_moment, minute_text
from icr_sandbox.records import ApiKey, Identity, ServiceId
from icr_sandbox.services.json_body import JsonBody
from icr_sandbox.state import State

_SHORTEST_VALUE = 32
_LEAK_ACTIONS = ("none", "disable", "delete")


class ApiKeyFields:
    """What creating a key alone and creating it inside a service ID have in common."""

    def __init__(self, state: State) -> None:
        self._state = state

    def make(
        self,
        body: JsonBody,
        identity: Identity,
        caller: Caller,
        *,
        name: str,
        support_sessions: bool = False,
        locked: bool = False,
        disabled: bool = False,
    ) -> ApiKey:
        """A key from the fields that a service ID's creation knows too. Raises RefusalError
        before anything is made."""
        store_value = body.flag("store_value")
        if store_value and not isinstance(identity, ServiceId):
            raise body.refuse("store_value", "it is for keys of service IDs")
        value = body.text("apikey")
        if value is not None and len(value) < _SHORTEST_VALUE:
            raise body.refuse("apikey", "32 characters or more are expected")
        if value is not None and self._state.key_by_value(value) is not None:
            raise wire_errors.value_taken()
        description = body.text("description")
        action_when_leaked = leak_action(body) or "disable"
        expires_at = self.expiry(body)
        body.done(self._state.switches.strict)
        limit = self._state.limits.api_keys_per_identity
        if len(self._state.keys_of(identity.iam_id)) >= limit:
            raise wire_errors.limit_reached(
                self._state.switches.key_limit_status, "API keys", limit
            )
        return entities.add_api_key(
            self._state,
            iam_id=identity.iam_id,
            account_id=identity.account_id,
            name=name,
            created_by=caller.iam_id,
            value=value,
            description=description,
            expires_at=expires_at,
            action_when_leaked=action_when_leaked,
            support_sessions=support_sessions,
            store_value=store_value,
            locked=locked,
            disabled=disabled,
            usable_at=self._state.moment_after(
                self._state.switches.api_key_visibility_seconds
            ),
        )

    def expiry(self, body: JsonBody) -> float | None:
        """The moment, in the future; None when not given or empty. Raises RefusalError."""
        text = body.text("expires_at")
        if not text:
            return None
        try:
            moment = minute_moment(text)
        except ValueError as error:
            raise body.refuse("expires_at", str(error)) from None
        if moment <= self._state.clock.now():
            raise body.refuse("expires_at", "it has to lie in the future")
        return moment


def leak_action(body: JsonBody) -> str | None:
    action = body.text("action_when_leaked")
    if action is not None and action not in _LEAK_ACTIONS:
        raise body.refuse("action_when_leaked", "none, disable or delete is expected")
    return action


def shape(key: ApiKey, *, with_value: bool = False) -> dict[str, object]:
    """The key as the API shows it; the value only when allowed. Pure."""
    answer: dict[str, object] = {
        "id": key.id,
        "entity_tag": key.revision.text,
        "crn": (
            f"crn:v1:bluemix:public:iam-identity::a/{key.account_id}::apikey:{key.id}"
        ),
        "locked": key.locked,
        "disabled": key.disabled,
        "created_at": minute_text(key.created_at),
        "created_by": key.created_by,
        "modified_at": minute_text(key.modified_at),
        "name": key.name,
        "support_sessions": key.support_sessions,
        "action_when_leaked": key.action_when_leaked,
        "iam_id": key.iam_id,
        "account_id": key.account_id,
    }
    if key.description is not None:
        answer["description"] = key.description
    if key.expires_at is not None:
        answer["expires_at"] = minute_text(key.expires_at)
    if with_value:
        answer["apikey"] = key.value
    return answer
