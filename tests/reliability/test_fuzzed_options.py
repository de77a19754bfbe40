# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Generated options: names of regions and hosts, moments and spans of time are understood as
they are meant, or refused by an error of ours."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from ansible_collections.icr.access.plugins.module_utils._durations import (
    parse_duration,
)
from ansible_collections.icr.access.plugins.module_utils._errors import InputError
from ansible_collections.icr.access.plugins.module_utils._named_registry import (
    named_registry,
)
from ansible_collections.icr.access.plugins.module_utils._regions import (
    REGIONS,
    expand_regions,
    get_region,
)
from ansible_collections.icr.access.plugins.module_utils._registry_host import (
    host_of_key,
    is_host,
    is_host_like,
    is_loopback,
)
from ansible_collections.icr.access.plugins.module_utils._timestamps import (
    minute_text,
    parse_moment,
    second_text,
)
from ansible_collections.icr.access.tests.reliability.fuzzing import (
    Fuzz,
    any_text,
    check_error,
)

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
spaces = st.sampled_from(("", " ", "\t", "\n "))
cases = st.sampled_from((str.lower, str.upper, str.title))
regions = st.sampled_from(REGIONS)
labels = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,8}[a-z0-9])?", fullmatch=True)
hosts = st.tuples(
    st.lists(labels, min_size=1, max_size=4).map(".".join)
    | st.sampled_from(("[::1]", "[fe80::1]", "localhost", "127.0.0.1")),
    st.just("") | st.integers(1, 65535).map(lambda port: f":{port}"),
).map("".join)
almost = st.lists(
    any_text | hosts | st.sampled_from(("://", "/", ":", "@", "v1", "[", "]", "%")),
    max_size=5,
).map("".join)


class TestRegions:
    def test_every_spelling_of_a_region_is_that_region(self, fuzz: Fuzz) -> None:
        def hold(
            region: Any,
            is_former: bool,
            zone: int,
            case: Callable[[str], str],
            space: str,
        ) -> None:
            name = (is_former and region.former_name) or region.name
            zoned = f"{name}-{zone}" if zone and name != "global" else name
            assert get_region(space + case(zoned) + space) is region
            assert expand_regions([zoned, name]) == (region,)

        fuzz.try_out(
            *(hold, regions, st.booleans(), st.integers(0, 9), cases, spaces),
            bounded=60,
            soak=1000,
        )

    def test_anything_else_is_refused_and_never_the_global_registry(
        self, fuzz: Fuzz
    ) -> None:
        names = {name for each in REGIONS for name in (each.name, each.former_name)}

        def hold(name: str) -> None:
            try:
                found = get_region(name)
            except InputError as error:
                check_error(error)
                assert "Known regions: global, " in str(error)
                return
            stem = name.strip().lower()
            assert (
                stem in {*names, "us-east"} or stem.rstrip("0123456789")[:-1] in names
            )
            assert found.name != "global" or stem == "global"

        ends = st.sampled_from(("-1", "-01", "-", "1", "-a", "-1-1", "-\u0661"))
        near = st.tuples(regions.map(lambda region: region.name), ends | any_text).map(
            "".join
        )
        fuzz.try_out(hold, any_text | near, bounded=100, soak=5000)


class TestHosts:
    def test_every_spelling_of_a_host_is_that_host(self, fuzz: Fuzz) -> None:
        spelled = st.sampled_from(
            ("{}", "https://{}", "http://{}/", "{}/v1/", "{}/v2", " {} ", "X+y://{}/")
        )

        def hold(host: str, form: str, case: Callable[[str], str]) -> None:
            assert is_host(host)
            assert host_of_key(form.format(case(host))) == host
            for beyond in ("/ns", "/v3", "?", "@evil.test", ".", "\n.evil.test"):
                assert (
                    host_of_key(form.strip().format(host).rstrip("/") + beyond) is None
                )

        fuzz.try_out(hold, hosts, spelled, cases, bounded=80, soak=3000)

    def test_what_is_taken_for_a_host_was_written_there(self, fuzz: Fuzz) -> None:
        def hold(key: str) -> None:
            host = host_of_key(key)
            assert host is None or (is_host_like(host) and host in key.lower())
            assert host is None or host.isascii()
            try:
                registry = named_registry(key)
            except InputError as error:
                check_error(error)
                return
            assert registry.host == host
            schemes = {url.split("://")[0] for url in registry.urls}
            assert schemes == {"https"} or is_loopback(registry.host)

        fuzz.try_out(hold, almost, bounded=150, soak=10_000)


offsets = st.integers(-14 * 60, 14 * 60).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)
moments = st.datetimes(
    datetime.datetime(2, 1, 1), datetime.datetime(9998, 12, 31), timezones=offsets
)


class TestTime:
    def test_a_moment_is_that_moment_in_any_spelling(self, fuzz: Fuzz) -> None:
        def hold(moment: datetime.datetime, separator: str) -> None:
            whole = moment.replace(microsecond=0)
            seconds = parse_moment(moment.isoformat(separator), "x")
            assert seconds == whole.timestamp()
            assert parse_moment(second_text(seconds), "x") == seconds
            assert parse_moment(minute_text(seconds), "x") == seconds - seconds % 60

        fuzz.try_out(hold, moments, st.sampled_from("T "), bounded=80, soak=5000)

    def test_a_span_is_the_sum_of_its_parts(self, fuzz: Fuzz) -> None:
        parts = st.lists(
            st.tuples(st.integers(0, 10**12 - 1), st.sampled_from(sorted(UNITS))),
            min_size=1,
            max_size=5,
        )

        def hold(wanted: list[tuple[int, str]], case: Callable[[str], str]) -> None:
            text = case("".join(f"{number}{unit}" for number, unit in wanted))
            total = sum(number * UNITS[unit] for number, unit in wanted)
            assert parse_duration(text, "x") == total

        fuzz.try_out(hold, parts, cases, bounded=50, soak=2000)

    @pytest.mark.parametrize("parse", [parse_moment, parse_duration])
    def test_anything_else_is_refused(
        self, fuzz: Fuzz, parse: Callable[[str, str], float]
    ) -> None:
        digits = st.text("0123456789-:TZ+.,smhdw \u0663\u00b2", max_size=30)

        def hold(text: str) -> None:
            try:
                seconds = parse(text, "an_option")
            except InputError as error:
                check_error(error)
                assert "an_option" in str(error)
            else:
                assert abs(seconds) < 1e20

        fuzz.try_out(hold, digits | any_text, bounded=100, soak=10_000)
