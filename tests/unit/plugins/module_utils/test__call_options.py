# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Who calls IBM Cloud, and where: by options, else by the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.icr.access.plugins.module_utils._call_options import (
    Credential,
    find_credential,
    find_endpoints,
    iam_url,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError

KEY, TOKEN = "k" * 44, "eyJ.eyJ.x"

pytestmark = pytest.mark.usefixtures("empty_environment")


class TestFindCredential:
    @pytest.mark.parametrize(
        ("params", "environ", "source"),
        [
            ({"api_key": KEY}, {}, "api_key"),
            ({"iam_token": TOKEN}, {}, "iam_token"),
            ({}, {"IC_API_KEY": KEY}, "api_key of IC_API_KEY"),
            ({}, {"IBMCLOUD_API_KEY": KEY}, "api_key of IBMCLOUD_API_KEY"),
            (
                {},
                {"IC_API_KEY": KEY, "IBMCLOUD_API_KEY": "other"},
                "api_key of IC_API_KEY",
            ),
            ({}, {"IC_IAM_TOKEN": TOKEN}, "iam_token of IC_IAM_TOKEN"),
            ({}, {"IBMCLOUD_IAM_TOKEN": TOKEN}, "iam_token of IBMCLOUD_IAM_TOKEN"),
            (
                {},
                {"IC_IAM_TOKEN": TOKEN, "IBMCLOUD_API_KEY": KEY},
                "api_key of IBMCLOUD_API_KEY",
            ),
            ({"iam_token": TOKEN}, {"IC_API_KEY": "other"}, "iam_token"),
            ({"api_key": KEY}, {"IC_IAM_TOKEN": "other"}, "api_key"),
            ({"api_key": KEY}, {"IC_API_KEY": "other"}, "api_key"),
            (
                {},
                {"IC_API_KEY": "", "IBMCLOUD_API_KEY": KEY},
                "api_key of IBMCLOUD_API_KEY",
            ),
        ],
    )
    def test_explicit_beats_environment_and_key_beats_token(
        self, params: dict[str, str], environ: dict[str, str], source: str
    ) -> None:
        given = {"api_key": None, "iam_token": None, **params}
        expected = (
            Credential(source, api_key=KEY)
            if source.startswith("api_key")
            else Credential(source, iam_token=TOKEN)
        )
        assert find_credential(given, environ) == expected

    def test_token_may_come_with_its_kind(self) -> None:
        given = {"api_key": None, "iam_token": f"Bearer {TOKEN}"}
        assert find_credential(given, {}).iam_token == TOKEN

    def test_none_is_told(self) -> None:
        with pytest.raises(InputError, match="IC_API_KEY or IC_IAM_TOKEN"):
            find_credential({"api_key": None, "iam_token": None}, {})

    @pytest.mark.parametrize("secret", ["", "  "])
    def test_empty_one_is_told(self, secret: str) -> None:
        with pytest.raises(InputError, match="api_key is empty"):
            find_credential({"api_key": secret, "iam_token": None}, {"IC_API_KEY": KEY})

    @pytest.mark.parametrize("end", ["\n", " x", "\x00"])
    def test_white_space_is_told_without_the_secret(self, end: str) -> None:
        with pytest.raises(InputError, match="of IC_API_KEY has white space") as caught:
            find_credential(
                {"api_key": None, "iam_token": None}, {"IC_API_KEY": KEY + end}
            )
        assert KEY not in str(caught.value)

    def test_secret_is_not_shown(self) -> None:
        assert KEY not in repr(Credential("x", api_key=KEY, iam_token=KEY))


ENDPOINTS = {
    "iam": "http://localhost:1",
    "registry": {"us-south": "http://localhost:2"},
}


class TestFindEndpoints:
    @pytest.mark.parametrize(
        "document", [ENDPOINTS, {"endpoints": ENDPOINTS, "api_key": KEY}]
    )
    def test_file_of_either_shape(self, tmp_path: Path, document: object) -> None:
        path = tmp_path / "endpoints.json"
        path.write_text(json.dumps(document))
        assert find_endpoints(None, {"ICR_ENDPOINTS": str(path)}) == ENDPOINTS

    def test_file_in_the_home(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "endpoints.json").write_text(json.dumps(ENDPOINTS))
        assert find_endpoints(None, {"ICR_ENDPOINTS": "~/endpoints.json"}) == ENDPOINTS

    def test_option_beats_the_file(self) -> None:
        environ = {"ICR_ENDPOINTS": "/does/not/exist"}
        assert find_endpoints(ENDPOINTS, environ) == ENDPOINTS

    @pytest.mark.parametrize("environ", [{}, {"ICR_ENDPOINTS": ""}])
    def test_none(self, environ: Mapping[str, str]) -> None:
        assert find_endpoints(None, environ) is None

    def test_missing_file_is_told(self) -> None:
        with pytest.raises(InputError, match="ICR_ENDPOINTS names /no, which cannot"):
            find_endpoints(None, {"ICR_ENDPOINTS": "/no"})

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "7", '{"endpoints": []}', "[" * 9999]
    )
    def test_file_of_another_shape_is_told(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "endpoints.json"
        path.write_text(text)
        with pytest.raises(InputError, match="holds no JSON object"):
            find_endpoints(None, {"ICR_ENDPOINTS": str(path)})

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"iam": "http://iam.cloud.ibm.com"}, "plain http"),
            ({"registry": {"mars": "https://x"}}, "no registry region"),
            ({"what": 1}, "takes the keys iam and registry"),
        ],
    )
    def test_values_are_checked(self, given: dict[str, object], said: str) -> None:
        with pytest.raises(InputError, match=said):
            find_endpoints(given, {})


class TestIamUrl:
    @pytest.mark.parametrize(
        ("visibility", "endpoints", "expected"),
        [
            ("public", None, "https://iam.cloud.ibm.com"),
            ("private", None, "https://private.iam.cloud.ibm.com"),
            ("private", {"iam": " https://gate.example/ "}, "https://gate.example"),
        ],
    )
    def test_table(
        self, visibility: str, endpoints: dict[str, object] | None, expected: str
    ) -> None:
        assert iam_url(visibility, endpoints) == expected

    def test_endpoints_without_it_never_fall_back(self) -> None:
        with pytest.raises(InputError, match="endpoints has no URL for iam"):
            iam_url("public", {"registry": {}})
