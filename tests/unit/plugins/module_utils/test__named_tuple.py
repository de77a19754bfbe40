# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Ours does what Python's own does, wherever this collection relies on it."""

from __future__ import annotations

import copy
import re
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.icr.access.plugins.module_utils import _named_tuple

BOTH = pytest.mark.parametrize(
    "point",
    [
        pytest.param(typing.NamedTuple, id="Python's"),
        pytest.param(_named_tuple.NamedTuple, id="ours"),
    ],
    indirect=True,
)
MODULE_UTILS = Path(_named_tuple.__file__).parent


@pytest.fixture
def point(request: pytest.FixtureRequest) -> Any:
    """A class with three fields, the last of which has a default, a property and its own hash."""
    base: Any = request.param

    class Point(base):
        """Somewhere."""

        x: int
        y: int
        name: str = "somewhere"

        @property
        def total(self) -> int:
            return self.x + self.y

        def __hash__(self) -> int:
            return self.total

    return Point


@BOTH
def test_fields_have_names_places_and_defaults(point: Any) -> None:
    made = point(1, y=2)
    assert (made.x, made.y, made.name, made.total) == (1, 2, "somewhere", 3)
    assert made == (1, 2, "somewhere") == tuple(made)
    assert hash(made) == 3
    x, *rest = made
    assert (x, rest) == (1, [2, "somewhere"])


@BOTH
def test_is_shown_with_its_fields(point: Any) -> None:
    assert repr(point(1, 2)) == "Point(x=1, y=2, name='somewhere')"


@BOTH
def test_is_replaced_in_part_by_another(point: Any) -> None:
    first = point(1, 2, "here")
    assert first._replace(y=5) == point(1, 5, "here")
    assert type(first._replace(y=5)) is type(first)
    assert first == point(1, 2, "here")


@BOTH
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_is_copied(point: Any, copied: Callable[[Any], Any]) -> None:
    assert copied(point(1, 2, "here")) == point(1, 2, "here")


@BOTH
def test_no_field_can_be_changed(point: Any) -> None:
    with pytest.raises(AttributeError):
        point(1, 2).x = 3


@BOTH
@pytest.mark.parametrize(
    ("values", "named"),
    [
        pytest.param((), {}, id="nothing"),
        pytest.param((1,), {}, id="too few"),
        pytest.param((1,), {"name": "here"}, id="one without a value"),
        pytest.param((1, 2, "here", 4), {}, id="too many"),
        pytest.param((1, 2), {"x": 3}, id="twice"),
        pytest.param((1, 2), {"z": 3}, id="unknown"),
    ],
)
def test_other_fields_than_its_own_are_refused(
    point: Any, values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError):
        point(*values, **named)


@BOTH
def test_replacing_an_unknown_field_is_refused(point: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        point(1, 2)._replace(z=3)


def test_what_hosts_load_has_no_other() -> None:
    having = [
        path.name
        for path in sorted(MODULE_UTILS.glob("*.py"))
        if re.search(
            r"from typing import .*NamedTuple|typing\.NamedTuple\)", path.read_text()
        )
    ]
    assert having == ["_named_tuple.py"]
