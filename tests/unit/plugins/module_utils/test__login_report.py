# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What users are told of the logins of a task."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils._authfile import Login
from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._login_diff import diffs_of
from ansible_collections.icr.access.plugins.module_utils._login_objections import (
    failure_of,
)
from ansible_collections.icr.access.plugins.module_utils._login_place import (
    Place,
    Seen,
    Stored,
)
from ansible_collections.icr.access.plugins.module_utils._login_plan import (
    Decision,
    Step,
)
from ansible_collections.icr.access.plugins.module_utils._login_report import (
    has_warnings,
    results_of,
)
from ansible_collections.icr.access.plugins.module_utils._login_warnings import (
    warnings_of,
)
from ansible_collections.icr.access.plugins.module_utils._named_registry import (
    named_registry,
)
from ansible_collections.icr.access.plugins.module_utils._users import User
from ansible_collections.icr.access.plugins.module_utils._verdict import (
    Credential,
    Verdict,
)
from ansible_collections.icr.access.plugins.module_utils._verification import (
    Verification,
)

KEY = Credential("iamapikey", "n3w-s3cret-value")
OLD = Login("iamapikey", "0ld-s3cret-value")
SAME = Login("iamapikey", "n3w-s3cret-value")
US, DE, CP = map(named_registry, ("us.icr.io", "de.icr.io", "cp.icr.io"))
ME = User("me", 7001, 7001, "/home/me", {}, True)
PLACE = Place(ME, "docker", "/home/me/.docker/config.json")
PARTS = (("/run/auth.json", "us.icr.io/a"), ("/auth.json", "us.icr.io/b"))
OTHER_PLACE = Place(ME, "docker", "/elsewhere.json")


class Outcomes(Verification):
    """What registries said, by their host."""

    def __init__(self, said: Mapping[str, Verdict | AccessError]) -> None:
        self._said = said

    def of(self, step: Step) -> Verdict | AccessError:
        return self._said.get(step.registry.host, Verdict(True))


def stored(
    login: Login | None = None,
    *,
    store: str = "file",
    is_found: bool | None = None,
    shadowed_by: str | None = None,
    ignored_helper: str | None = None,
    shadow: Login | None = None,
    parts: tuple[tuple[str, str], ...] = (),
) -> Stored:
    found = login is not None if is_found is None else is_found
    return Stored(store, login, found, shadowed_by, ignored_helper, shadow, parts)


def step(
    registry: Any = US,
    state: Stored | None = None,
    credential: Credential | None = KEY,
    *,
    changes: bool = True,
    place: Place = PLACE,
) -> Step:
    return Step(registry, place, state or stored(), Decision(credential, changes))


class TestResultsOf:
    def test_login_that_was_accepted(self) -> None:
        verdict = Verdict(True, "", {"pull": {"ns/a": True}, "push": {"ns/b": None}})
        assert results_of([step()], Outcomes({"us.icr.io": verdict})) == [
            {
                "registry": "us.icr.io",
                "region": "us-south",
                "username": "iamapikey",
                "user": "me",
                "config_path": "/home/me/.docker/config.json",
                "store": "file",
                "verified": True,
                "reason": None,
                "permissions": {"pull": {"ns/a": True}, "push": {"ns/b": None}},
                "shadowed_by": None,
            }
        ]

    @pytest.mark.parametrize(
        ("outcome", "verified", "reason"),
        [
            (Verdict(True), True, None),
            (Verdict(None, "open to all"), None, "open to all"),
            (Verdict(False, "It refuses."), False, "It refuses."),
            (TransportError("It is unreachable."), None, "It is unreachable."),
            (
                Verdict(True, "", {"pull": {}, "push": {"ns/a": False}}),
                True,
                "The login is accepted, but it is not permitted to push ns/a.",
            ),
        ],
    )
    def test_reason_is_there_whenever_something_is_not_proven(
        self,
        outcome: Verdict | AccessError,
        verified: bool | None,
        reason: str | None,
    ) -> None:
        (result,) = results_of([step()], Outcomes({"us.icr.io": outcome}))
        assert (result["verified"], result["reason"]) == (verified, reason)

    def test_log_out_has_neither_user_name_nor_verdict(self) -> None:
        state = stored(OLD, store="pass", shadowed_by="/run/auth.json")
        steps = [step(CP, state, None)]
        (result,) = results_of(steps, Outcomes({"cp.icr.io": Verdict(None)}))
        assert result == {
            "registry": "cp.icr.io",
            "region": None,
            "username": None,
            "user": "me",
            "config_path": "/home/me/.docker/config.json",
            "store": "pass",
            "verified": None,
            "reason": None,
            "permissions": {},
            "shadowed_by": None,
        }

    def test_file_that_wins_is_named(self) -> None:
        steps = [step(state=stored(shadowed_by="/run/auth.json"))]
        (result,) = results_of(steps, Outcomes({}))
        assert result["shadowed_by"] == "/run/auth.json"

    def test_there_is_one_for_each_registry_and_place(self) -> None:
        steps = [step(US), step(DE), step(US, place=OTHER_PLACE)]
        results = results_of(steps, Outcomes({}))
        assert [(each["registry"], each["config_path"]) for each in results] == [
            ("us.icr.io", PLACE.path),
            ("de.icr.io", PLACE.path),
            ("us.icr.io", OTHER_PLACE.path),
        ]


class TestFailureOf:
    def test_each_registry_is_listed_with_its_outcome(self) -> None:
        denied: dict[str, dict[str, bool | None]] = {"push": {"ns/a": False}}
        said: dict[str, Verdict | AccessError] = {
            "us.icr.io": Verdict(True),
            "de.icr.io": Verdict(False, "It refuses."),
            "cp.icr.io": Verdict(None, "It answers without credentials."),
            "uk.icr.io": Verdict(True, "", denied),
            "jp.icr.io": TlsError("It is not trusted."),
        }
        failure = failure_of(
            [step(named_registry(host)) for host in said], Outcomes(said)
        )
        assert str(failure) == (
            "Nothing was written. "
            "us.icr.io: The login is accepted. "
            "de.icr.io: It refuses. "
            "cp.icr.io: It answers without credentials. "
            "uk.icr.io: The login is accepted, but it is not permitted to push ns/a. "
            "jp.icr.io: It is not trusted."
        )

    def test_registry_that_its_outcome_names_is_not_named_twice(self) -> None:
        reason = "us.icr.io refuses the credentials of iamapikey: 401."
        failure = failure_of([step()], Outcomes({"us.icr.io": Verdict(False, reason)}))
        assert str(failure) == f"Nothing was written. {reason}"

    def test_registry_of_several_users_is_listed_once(self) -> None:
        said = {"us.icr.io": Verdict(False, "It refuses.")}
        steps = [step(), step(place=OTHER_PLACE)]
        failure = failure_of(steps, Outcomes(said))
        assert str(failure) == "Nothing was written. us.icr.io: It refuses."

    @pytest.mark.parametrize(
        ("outcome", "fields"),
        [
            (
                Verdict(False, "no", url="https://us.icr.io/oauth/token", status=401),
                {
                    "url": "https://us.icr.io/oauth/token",
                    "status": 401,
                    "code": None,
                    "trace_id": None,
                },
            ),
            (
                TransportError("no", url="https://us.icr.io/v2/?x=1"),
                {
                    "url": "https://us.icr.io/v2/",
                    "status": None,
                    "code": None,
                    "trace_id": None,
                },
            ),
        ],
        ids=["verdict", "error"],
    )
    def test_fields_to_branch_on_are_those_of_the_first_objection(
        self, outcome: Verdict | AccessError, fields: dict[str, object]
    ) -> None:
        later = Verdict(False, "later", status=403)
        said = {"us.icr.io": outcome, "de.icr.io": later}
        failure = failure_of([step(CP), step(US), step(DE)], Outcomes(said))
        assert failure.fields() == fields


def told(steps: list[Step], seen: list[tuple[Place, Seen]]) -> list[str]:
    """The warnings; whoever asks beforehand whether there are any must not miss one."""
    warnings = warnings_of(steps, seen)
    assert has_warnings(steps, seen) or not warnings
    return warnings


class TestWarningsOf:
    def test_nothing_to_say(self) -> None:
        steps, seen = [step()], [(PLACE, Seen(0o600, {}))]
        assert told(steps, seen) == []
        assert not has_warnings(steps, seen)

    def test_login_that_wins_over_ours(self) -> None:
        state = stored(shadowed_by="/run/auth.json", shadow=OLD)
        steps = [step(state=state, changes=False)]
        (warning,) = told(steps, [])
        assert warning.startswith("/run/auth.json has a login for us.icr.io too")
        assert "state=absent removes both" in warning

    def test_helper_that_the_client_prefers(self) -> None:
        (warning,) = told([step(state=stored(ignored_helper="pass"))], [])
        assert "docker asks the credential helper pass for us.icr.io" in warning
        assert "credential_store=file" in warning

    def test_logins_for_parts_that_win_over_ours(self) -> None:
        state = stored(shadowed_by="/run/auth.json", parts=PARTS)
        first, second = told([step(state=state)], [])
        assert first == (
            "In /run/auth.json, the login for us.icr.io/a is preferred for what lies under "
            "us.icr.io/a."
        )
        assert second.startswith(
            "In /auth.json, the login for us.icr.io/b is preferred"
        )

    def test_logins_for_parts_that_outlive_a_log_out(self) -> None:
        state = stored(OLD, shadowed_by="/run/auth.json", parts=PARTS[:1])
        (warning,) = told([step(state=state, credential=None)], [])
        assert warning == (
            "The login for us.icr.io/a in /run/auth.json stays: the log-out is from "
            "us.icr.io alone."
        )

    def test_log_out_needs_neither(self) -> None:
        state = stored(
            OLD, shadowed_by="/run/auth.json", ignored_helper="pass", shadow=OLD
        )
        assert told([step(state=state, credential=None)], []) == []

    def test_file_that_tells_nothing(self) -> None:
        seen = [(PLACE, Seen(None, {}, ("/run/auth.json is not valid JSON.",)))]
        assert told([step()], seen) == [
            "Not looked at: /run/auth.json is not valid JSON."
        ]

    def test_file_out_of_reach(self) -> None:
        seen = [(PLACE, Seen(None, {}, out_of_reach=("/run/auth.json is barred.",)))]
        (warning,) = told([step()], seen)
        assert warning.startswith("Not looked at: /run/auth.json is barred. Without ")
        assert f"fails there as well when {PLACE.user.name} uses it." in warning


def diff(
    steps: list[Step], mode: int | None = 0o600
) -> tuple[dict[str, Any], dict[str, Any]]:
    ((found),) = diffs_of(steps, [(PLACE, Seen(mode, {}))])
    assert found["before_header"] == found["after_header"] == PLACE.path
    return json.loads(found["before"]), json.loads(found["after"])


class TestDiffsOf:
    def test_new_login_in_a_new_file(self) -> None:
        before, after = diff([step()], mode=None)
        assert before == {"mode": None}
        assert list(after) == ["us.icr.io", "mode"]
        assert after["mode"] == "0600"
        shown = after["us.icr.io"]
        assert (shown["username"], shown["store"]) == ("iamapikey", "file")
        assert re.fullmatch("#[0-9a-f]{8}", shown["secret"])

    def test_other_secret_has_another_fingerprint(self) -> None:
        before, after = diff([step(state=stored(OLD))])
        assert before["us.icr.io"]["secret"] != after["us.icr.io"]["secret"]

    def test_same_login_has_no_difference(self) -> None:
        before, after = diff([step(state=stored(SAME), changes=False)])
        assert before == after

    def test_same_login_in_an_open_file_differs_by_the_mode_alone(self) -> None:
        before, after = diff([step(state=stored(SAME))], mode=0o644)
        assert (before.pop("mode"), after.pop("mode")) == ("0644", "0600")
        assert before == after

    def test_mode_that_stays_is_not_shown(self) -> None:
        before, after = diff([step(state=stored(SAME), changes=False)], mode=0o644)
        assert before == after

    @pytest.mark.parametrize("mode", [None, 0o644])
    @pytest.mark.parametrize("credential", [KEY, None], ids=["log-in", "log-out"])
    def test_mode_of_a_file_that_a_helper_spares_is_not_shown(
        self, credential: Credential | None, mode: int | None
    ) -> None:
        state = stored(OLD, store="pass")
        before, after = diff([step(state=state, credential=credential)], mode=mode)
        assert "mode" not in before
        assert "mode" not in after

    def test_same_login_in_another_form_says_what_differs(self) -> None:
        untidy = Login("iamapikey", KEY.secret, is_tidy=False)
        before, after = diff([step(state=stored(untidy))])
        form = before["us.icr.io"].pop("form")
        assert "another spelling of the host" in form
        assert "other credentials" in form
        assert before == after

    @pytest.mark.parametrize("is_tidy", [True, False], ids=["tidy", "untidy"])
    def test_entry_without_a_login_has_no_secret_and_no_form_to_show(
        self, is_tidy: bool
    ) -> None:
        before, _after = diff([step(state=stored(Login(None, None, is_tidy=is_tidy)))])
        shown = before["us.icr.io"]
        assert shown == {"username": None, "secret": None, "store": "file"}

    @pytest.mark.parametrize(
        ("state", "before_entry"),
        [
            (stored(OLD), "login"),
            (stored(None, is_found=True), "empty"),
            (stored(None), "none"),
        ],
    )
    def test_log_out(self, state: Stored, before_entry: str) -> None:
        before, after = diff([step(state=state, credential=None)])
        assert "us.icr.io" not in after
        assert ("us.icr.io" in before) == (before_entry != "none")
        assert bool(before.get("us.icr.io")) == (before_entry == "login")

    def test_each_place_has_its_own(self) -> None:
        steps = [step(US), step(DE, place=OTHER_PLACE)]
        seen = [(PLACE, Seen(None, {})), (OTHER_PLACE, Seen(None, {}))]
        found = diffs_of(steps, seen)
        assert [each["after_header"] for each in found] == [
            PLACE.path,
            OTHER_PLACE.path,
        ]
        assert "de.icr.io" not in found[0]["after"]
        assert "us.icr.io" not in found[1]["after"]

    def test_same_secret_has_the_same_fingerprint_in_every_place(self) -> None:
        steps = [step(US), step(US, place=OTHER_PLACE)]
        seen = [(PLACE, Seen(None, {})), (OTHER_PLACE, Seen(None, {}))]
        first, second = diffs_of(steps, seen)
        assert first["after"] == second["after"]

    def test_no_secret_is_in_it_in_any_form(self) -> None:
        token = Login("iamapikey", "t0ken-s3cret-value", is_token=True, is_tidy=False)
        steps = [step(state=stored(OLD)), step(DE, stored(token))]
        text = json.dumps(diffs_of(steps, [(PLACE, Seen(0o644, {}))]))
        for secret in (KEY.secret, OLD.secret or "", token.secret or ""):
            assert secret not in text
            for username in ("", "iamapikey:"):
                encoded = base64.b64encode(f"{username}{secret}".encode()).decode()
                assert encoded.rstrip("=")[:-1] not in text
