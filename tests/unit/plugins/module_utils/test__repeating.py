# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import pytest

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AnswerTimeoutError,
    TlsError,
    TransportError,
)
from ansible_collections.icr.access.plugins.module_utils._repeating import (
    is_passing,
    is_repeatable,
    retry_after,
    with_tries,
)
from ansible_collections.icr.access.plugins.module_utils._wire import (
    BrokenHandshakeError,
    LastingError,
    NoTlsError,
    RefusedError,
)


class TestAgain:
    @pytest.mark.parametrize(
        ("method", "status", "again"),
        [
            ("GET", 429, True),
            ("GET", 500, True),
            ("GET", 599, True),
            ("GET", 501, False),
            ("GET", 600, False),
            ("GET", 404, False),
            ("DELETE", 503, True),
            ("POST", 429, True),
            ("POST", 500, False),
            ("POST", 503, False),
        ],
    )
    def test_which_statuses_may_pass(
        self, method: str, status: int, again: bool
    ) -> None:
        assert is_passing(method, status) is again

    @pytest.mark.parametrize(
        ("method", "error", "again"),
        [
            ("GET", TransportError, True),
            ("GET", AnswerTimeoutError, True),
            ("GET", RefusedError, True),
            ("GET", BrokenHandshakeError, True),
            ("GET", LastingError, False),
            ("GET", TlsError, False),
            ("GET", NoTlsError, False),
            ("POST", TransportError, False),
            ("POST", AnswerTimeoutError, False),
            ("POST", LastingError, False),
            ("POST", RefusedError, True),
            ("POST", BrokenHandshakeError, True),
        ],
    )
    def test_which_errors_are_worth_another_try(
        self, method: str, error: type[TransportError], again: bool
    ) -> None:
        assert is_repeatable(method, error("no")) is again


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("9" * 50, None),
            ("Thu, 99 Jan 1970 00:00:00 GMT", None),
            (" 5 ", 5.0),
            ("0", 0.0),
            ("Thu, 01 Jan 1970 00:02:00 GMT", 20.0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ],
    )
    def test_reads_seconds_and_dates(self, value: str, seconds: float | None) -> None:
        assert retry_after(value, now=100.0) == seconds


class TestWithTries:
    @pytest.mark.parametrize(
        ("tries", "message", "expected"),
        [
            (1, "us.icr.io is down. Why?", "us.icr.io is down. Why?"),
            (2, "us.icr.io is down. Why?", "us.icr.io is down (tried 2 times). Why?"),
            (4, "It broke off.", "It broke off (tried 4 times)."),
            (4, "It broke off", "It broke off (tried 4 times)"),
        ],
    )
    def test_tells_it_in_the_first_sentence(
        self, tries: int, message: str, expected: str
    ) -> None:
        assert with_tries(message, tries) == expected
