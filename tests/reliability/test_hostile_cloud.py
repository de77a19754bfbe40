# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What answers in place of IBM Cloud: bounded in memory and time, and never trusted further."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._cloud import CloudSession
from ansible_collections.icr.access.plugins.module_utils._refusals import Answer
from ansible_collections.icr.access.plugins.module_utils._verdict import Settings
from ansible_collections.icr.access.tests.reliability.hostile import (
    ANSWERS,
    MIB,
    SECRET,
    Serve,
    withstanding,
)
from ansible_collections.icr.access.tests.reliability.tally import Tally
from ansible_collections.icr.access.tests.unit.plugins.module_utils.scripted_registry import (
    Authority,
    Reply,
    Server,
    in_turn,
)

pytestmark = pytest.mark.usefixtures("no_surroundings", "names")

# 16 MiB, the most that is taken, twice while they are put together, and pieces of 64 KiB.
PEAK = 80 * MIB


def ask(server: Server, *, timeout: float = 30.0, ca_path: str | None = None) -> Answer:
    settings = Settings(timeout=timeout, retries=0, ca_path=ca_path)
    with CloudSession(settings) as session:
        session.hide(SECRET)
        return session.send(
            "POST",
            f"{server.url}/identity/token",
            action="Asking for a token",
            authorization=f"Bearer {SECRET}",
            form={"apikey": SECRET},
        )


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_is_an_error_that_says_why(
    serve: Serve, tally: Tally, name: str
) -> None:
    hostile = ANSWERS[name]
    elsewhere = serve(in_turn(Reply(200, {})))
    server = serve(in_turn(hostile.reply(f"http://127.0.0.1:{elsewhere.port}")))
    words = hostile.cloud_words or hostile.words
    with withstanding(tally, words, timeout=hostile.timeout, peak=PEAK):
        ask(server, timeout=hostile.timeout)
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        "9" * 5000,
        '{"a": ' + "9" * 5000 + "}",
        "[" * 10**6,
        '{"a":' * 10**6,
        "NaN",
        '"a"',
    ],
    ids=["number", "member", "lists", "objects", "not a number", "text"],
)
def test_json_that_cannot_be_meant_is_no_answer(
    serve: Serve, tally: Tally, body: str
) -> None:
    server = serve(in_turn(Reply(200, body)))
    with withstanding(tally, "no JSON object", peak=PEAK):
        ask(server).document()


def test_who_cannot_prove_its_name_is_sent_nothing(
    serve: Serve, authority: Authority, tally: Tally
) -> None:
    server = serve(in_turn(Reply(200, {})), authority.context("iam.evil.test"))
    with withstanding(tally, "for another name", peak=PEAK):
        ask(server, ca_path=str(authority.bundle))
    assert server.requests == []
