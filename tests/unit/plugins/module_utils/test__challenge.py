# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._challenge import (
    Challenge,
    choose,
    parse_challenges,
)

REALM = "https://us.icr.io/oauth/token"
BEARER = {"realm": REALM, "service": "registry"}
SCOPE = "repository:ns/repo:pull,push"


def bearer(**more: str) -> Challenge:
    return Challenge("bearer", {**BEARER, **more})


class TestParseChallenges:
    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            pytest.param([], [], id="no header"),
            pytest.param([""], [], id="empty header"),
            pytest.param([" , ,"], [], id="commas alone"),
            pytest.param(
                [f'Bearer realm="{REALM}",service="registry",scope="{SCOPE}"'],
                [bearer(scope=SCOPE)],
                id="quoted",
            ),
            pytest.param(
                [f"Bearer realm={REALM}, service=registry, scope={SCOPE}"],
                [bearer(scope=SCOPE)],
                id="unquoted, commas within the scope",
            ),
            pytest.param(
                [f"Bearer realm={REALM},service=registry,scope={SCOPE},error=denied"],
                [bearer(scope=SCOPE, error="denied")],
                id="unquoted, a parameter after the scope",
            ),
            pytest.param(
                [f"Bearer realm={REALM},scope={SCOPE}, Basic realm=x"],
                [
                    Challenge("bearer", {"realm": REALM, "scope": SCOPE}),
                    Challenge("basic", {"realm": "x"}),
                ],
                id="unquoted, another challenge after the scope",
            ),
            pytest.param(
                [f"Bearer realm={REALM},scope={SCOPE}, Basic"],
                [
                    Challenge("bearer", {"realm": REALM, "scope": SCOPE}),
                    Challenge("basic", {}),
                ],
                id="unquoted, a bare challenge after the scope",
            ),
            pytest.param(
                [f"Bearer realm={REALM}?a=b=c,service=registry"],
                [
                    Challenge(
                        "bearer", {"realm": f"{REALM}?a=b=c", "service": "registry"}
                    )
                ],
                id="unquoted, equals signs within the value",
            ),
            pytest.param(
                [f'BEARER Realm = "{REALM}" , SERVICE\t=\t"registry"'],
                [bearer()],
                id="any case, spaces about the equals sign",
            ),
            pytest.param(
                [f'Bearer realm="{REALM}" service="registry"'],
                [bearer()],
                id="comma forgotten between quoted values",
            ),
            pytest.param(
                [r'Basic realm="say \"hi\", \\ or, Bearer realm=x"'],
                [Challenge("basic", {"realm": r'say "hi", \ or, Bearer realm=x'})],
                id="escapes and a challenge within quotes",
            ),
            pytest.param(
                ['Basic realm="never closed, service=x'],
                [Challenge("basic", {"realm": "never closed, service=x"})],
                id="quote never closed",
            ),
            pytest.param(
                ['Basic realm="ends in its escape\\'],
                [Challenge("basic", {"realm": "ends in its escape"})],
                id="escape of nothing",
            ),
            pytest.param(
                ["Basic realm=a, one two three=4"],
                [Challenge("basic", {"realm": "a,one two three=4"})],
                id="more words than a scheme and a name",
            ),
            pytest.param(
                [f'Basic realm="a", Bearer realm="{REALM}",service="registry"'],
                [Challenge("basic", {"realm": "a"}), bearer()],
                id="two challenges in one header",
            ),
            pytest.param(
                ["Negotiate", "Negotiate abc==, Basic realm=a"],
                [
                    Challenge("negotiate", {}),
                    Challenge("negotiate", {}),
                    Challenge("basic", {"realm": "a"}),
                ],
                id="two headers, schemes without parameters",
            ),
            pytest.param(
                ['Basic realm="", realm="second"'],
                [Challenge("basic", {"realm": ""})],
                id="the first of two counts, even if empty",
            ),
            pytest.param(
                ['realm="x", Basic realm="a"'],
                [Challenge("basic", {"realm": "a"})],
                id="parameter before any scheme",
            ),
            pytest.param(
                [f'Bearer realm="{REALM}",\r\n service="registry"'],
                [bearer()],
                id="folded header",
            ),
        ],
    )
    def test_reads(self, headers: list[str], expected: list[Challenge]) -> None:
        assert parse_challenges(headers) == expected

    @pytest.mark.parametrize(
        "piece", ['"', ",", "a=", 'a="', "a b ", "\\", '"\\', "= "]
    )
    def test_hostile_repetition_is_read_in_no_time(self, piece: str) -> None:
        assert isinstance(parse_challenges(["Bearer " + piece * 20_000]), list)


class TestChoose:
    @pytest.mark.parametrize(
        ("challenges", "expected"),
        [
            pytest.param([], None, id="none"),
            pytest.param([Challenge("negotiate", {})], None, id="unknown scheme"),
            pytest.param([Challenge("bearer", {})], None, id="Bearer without realm"),
            pytest.param(
                [Challenge("basic", {}), bearer()], bearer(), id="Bearer before Basic"
            ),
            pytest.param(
                [Challenge("bearer", {"realm": ""}), Challenge("basic", {})],
                Challenge("basic", {}),
                id="Basic where Bearer says not where",
            ),
            pytest.param([bearer(a="1"), bearer(a="2")], bearer(a="1"), id="the first"),
        ],
    )
    def test_chooses(
        self, challenges: list[Challenge], expected: Challenge | None
    ) -> None:
        assert choose(challenges) == expected
