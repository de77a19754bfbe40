# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Spans of time as users write them."""

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._durations import (
    parse_duration,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError


class TestParseDuration:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("0", 0),
            ("90", 90),
            ("0s", 0),
            ("90s", 90),
            ("30m", 1800),
            ("24h", 86400),
            ("7d", 604800),
            ("2w", 1209600),
            ("1h30m", 5400),
            ("1d1d", 172800),
            (" 30M ", 1800),
        ],
    )
    def test_span_in_seconds(self, text: str, seconds: int) -> None:
        assert parse_duration(text, "renew_before") == seconds

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "m",
            "30 m",
            "-5",
            "-5m",
            "1.5h",
            "1y",
            "1h30",
            "٣",
            "٣m",
            "9" * 20,
            pytest.param("9" * 5000, id="more-digits-than-python-reads"),
        ],
        ids=ascii,
    )
    def test_anything_else_is_an_error_that_names_the_option(self, text: str) -> None:
        with pytest.raises(InputError, match=r"^renew_before must be a span of time"):
            parse_duration(text, "renew_before")
