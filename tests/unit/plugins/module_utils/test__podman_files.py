# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What Podman, Buildah and Skopeo read that Docker does not."""

from __future__ import annotations

import json

import pytest

from ansible_collections.icr.access.plugins.module_utils._podman_files import (
    holds_auth,
    list_parts,
)

HOST = "us.icr.io"
AUTH = "aWFtYXBpa2V5OnMzY3JldA=="


class TestWhatPodmanObeys:
    """Tried with skopeo 1.9: an entry without `auth` is passed over as if it were not there."""

    @pytest.mark.parametrize(
        ("entry", "is_obeyed"),
        [
            ({"auth": AUTH}, True),
            ({"auth": "%%%"}, True),
            ({}, False),
            (None, False),
            ({"auth": ""}, False),
            ({"auth": 1}, False),
            ({"identitytoken": "x"}, False),
            ({"username": "u", "password": "p"}, False),
        ],
        ids=json.dumps,
    )
    def test_entries_with_auth(self, entry: object, is_obeyed: bool) -> None:
        document = {"auths": {HOST: entry, f"{HOST}/namespace": entry}}
        assert holds_auth(document, HOST) is is_obeyed
        assert bool(list_parts(document, HOST)) is is_obeyed

    def test_plain_spelling_is_looked_at_first(self) -> None:
        document = {"auths": {"https://us.icr.io": {"auth": AUTH}, HOST: {}}}
        assert not holds_auth(document, HOST)
        assert not holds_auth({"auths": {}}, HOST)

    def test_namespaces_and_repositories_are_parts(self) -> None:
        keys = [
            HOST,
            "https://us.icr.io/v1/",
            "us.icr.io/v2",
            "us.icr.io/namespace",
            "us.icr.io/v1/namespace",
            "us.icr.io:5000",
            "private.us.icr.io",
            "us.icr.io/namespace/app",
            "us.icr.iox/y",
        ]
        document = {"auths": {key: {"auth": AUTH} for key in keys}}
        assert list_parts(document, HOST) == [
            "us.icr.io/namespace",
            "us.icr.io/v1/namespace",
            "us.icr.io/namespace/app",
        ]

    def test_wrong_type_of_a_part_is_not_our_affair(self) -> None:
        assert list_parts({"auths": {f"{HOST}/namespace": 1}}, HOST) == []
