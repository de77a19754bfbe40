# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""Named tuples that cost a host less than Python's own.

`typing.NamedTuple` compiles each annotation, and the text of a constructor: that is much of what a
login costs above a ping. Checkers of types see Python's own.
"""

from __future__ import annotations

from operator import itemgetter

__all__ = ("NamedTuple",)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:

    class NamedTuple(tuple):
        """The base of classes written as with `typing.NamedTuple`, for what they use of it.

        Raises `TypeError` for fields that do not exist, or that lack a value.
        """

        def __init_subclass__(cls):
            cls._fields = tuple(cls.__annotations__)
            own = vars(cls)
            cls._field_defaults = {
                name: own[name] for name in cls._fields if name in own
            }
            for place, name in enumerate(cls._fields):
                setattr(cls, name, property(itemgetter(place)))

        def __new__(cls, *values, **named):
            rest = cls._fields[len(values) :]
            given = {**cls._field_defaults, **named}
            if values[len(cls._fields) :] or not set(named) <= set(rest) <= set(given):
                raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}")
            return tuple.__new__(cls, (*values, *map(given.get, rest)))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            pairs = zip(self._fields, self)
            shown = ", ".join(f"{name}={value!r}" for name, value in pairs)
            return f"{type(self).__name__}({shown})"

        def _replace(self, **changes):
            return type(self)(**{**dict(zip(self._fields, self)), **changes})
