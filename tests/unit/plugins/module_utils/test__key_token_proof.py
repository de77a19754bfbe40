# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import AuthError
from ansible_collections.icr.access.plugins.module_utils._key_token_proof import (
    Proof,
    objection_of,
)
from ansible_collections.icr.access.plugins.module_utils._verdict import Verdict

PULL: dict[str, dict[str, bool | None]] = {
    "pull": {"team-a/probe": True, "team-b/probe": None}
}
DENIED: dict[str, dict[str, bool | None]] = {
    "pull": {"team-a/probe": True, "team-b/probe": False}
}


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        pytest.param(Verdict(True), None, id="accepted"),
        pytest.param(Verdict(True, "", PULL), None, id="permitted, or nobody knows"),
        pytest.param(Verdict(None, "asks nobody"), None, id="nothing to be proven"),
        pytest.param(
            Verdict(True, "", DENIED), "not permit to pull in team-b", id="denied"
        ),
        pytest.param(Verdict(False, "No such key."), "No such key.", id="refused"),
    ],
)
def test_objection(verdict: Verdict, said: str | None) -> None:
    objection = objection_of(verdict, "de.icr.io")
    if said is None:
        assert objection is None
    else:
        assert said in str(objection)


def test_objection_has_the_fields_of_the_answer() -> None:
    verdict = Verdict(
        False, "No.", {}, "https://de.icr.io/v2/", 401, "UNAUTHORIZED", "t"
    )
    objection = objection_of(verdict, "de.icr.io")
    assert objection is not None
    assert objection.fields() == {
        "url": "https://de.icr.io/v2/",
        "status": 401,
        "code": "UNAUTHORIZED",
        "trace_id": "t",
    }


def test_what_is_proven_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = {"iam": [AuthError("no"), None], "registry": [AuthError("no"), None]}

    def ask(name: str) -> AuthError | None:
        asked.append(name)
        return answers[name].pop(0)

    monkeypatch.setattr(Proof, "_ask_iam", lambda _self, _value: ask("iam"))
    monkeypatch.setattr(Proof, "_ask_registry", lambda _self, _value: ask("registry"))
    # What it would ask with is not used: both questions are replaced above.
    attempt = Proof(None, None, None, None).attempt("value")  # type: ignore[arg-type]
    assert [attempt() is None for _turn in range(3)] == [False, False, True]
    assert asked == ["iam", "iam", "registry", "registry"]
