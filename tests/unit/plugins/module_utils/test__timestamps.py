# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._timestamps import (
    minute_text,
    minute_text_after,
    parse_moment,
    second_text,
)

MOMENT = "2027-01-31T22:59+0000"


class TestParseMoment:
    @pytest.mark.parametrize(
        "text",
        [
            MOMENT,
            "2027-01-31T22:59Z",
            "2027-01-31T22:59:00Z",
            "2027-01-31T22:59:59.999Z",
            "2027-01-31T22:59:59,9+00:00",
            "2027-01-31T23:59+01:00",
            "2027-01-31T23:59+01",
            "2027-02-01T04:29+0530",
            "2027-01-31T17:29-05:30",
            "2027-01-31 22:59",
            "2027-01-31 22:59:10 +00:00",
            "20270131T225912Z",
            "20270131T2259",
            "  2027-01-31t22:59z ",
        ],
    )
    def test_one_moment_in_many_spellings(self, text: str) -> None:
        assert minute_text(parse_moment(text, "expires_at")) == MOMENT

    def test_date_alone_is_midnight(self) -> None:
        assert minute_text(parse_moment("2027-01-31", "x")) == "2027-01-31T00:00+0000"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "tomorrow",
            "2027-13-01",
            "2027-02-30T00:00Z",
            "2027-01-31T24:30Z",
            "2027-0131",
            "2027-01-31T22:59+1",
            "2027-01-31T22:59 UTC",
            "1800000000",
            "0000-01-01T00:00Z",
            "0001-01-01T00:00+14:00",
            "2027-01-31T22:59Z\n2027",
            "\u0662\u0660\u0662\u0667-01-31",
        ],
    )
    def test_anything_else_names_the_option(self, text: str) -> None:
        with pytest.raises(InputError, match="expires_at must be a date and time"):
            parse_moment(text, "expires_at")


class TestMinuteText:
    def test_part_of_a_minute_is_dropped(self) -> None:
        assert minute_text(59.9) == "1970-01-01T00:00+0000"

    @pytest.mark.parametrize(
        ("seconds", "expected"), [(60.0, "01"), (60.001, "02"), (119.0, "02")]
    )
    def test_or_counts_as_a_whole_one(self, seconds: float, expected: str) -> None:
        assert minute_text_after(seconds) == f"1970-01-01T00:{expected}+0000"

    def test_years_have_four_digits(self) -> None:
        moment = parse_moment("0999-12-31T23:59Z", "x")
        assert minute_text(moment) == "0999-12-31T23:59+0000"
        assert second_text(moment) == "0999-12-31T23:59:00Z"

    @given(st.integers(min_value=0, max_value=4_000_000_000))
    def test_what_is_written_reads_the_same(self, seconds: int) -> None:
        assert parse_moment(minute_text(seconds), "x") == seconds - seconds % 60
