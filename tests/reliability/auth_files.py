# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Auth files as nobody would write them: as documents, and as the bytes of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from ansible_collections.icr.access.tests.reliability.fuzzing import any_text

HOST = "us.icr.io"
OTHER_HOST = "registry.test:5000"
CLIENTS = ("docker", "podman")
SPELLINGS = (
    *(HOST, f"https://{HOST}", f"http://{HOST}/", f"{HOST}/v1/", f"HTTPS://{HOST}/v2"),
    *("US.ICR.IO", f" {HOST} ", f"{'x' * 40}://{HOST}"),
)
OTHERS = (
    *(
        OTHER_HOST,
        f"{HOST}/ns",
        f"{HOST}.evil.test",
        f"{HOST}:443",
        "private.us.icr.io",
    ),
    *("us.i\u0441r.io", "", "/", "https://", "\ud800"),
)
_CREDENTIALS = ("auth", "username", "password", "identitytoken", "registrytoken")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from((2**64, -(10**400), 10**4000))
    | st.floats(allow_nan=False, allow_infinity=False)
    | any_text
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3)
    ),
    max_leaves=4,
)
_keys = st.sampled_from((*SPELLINGS, *OTHERS)) | any_text
_auth = (
    st.sampled_from(("", "a", "dTpw", "dTo=", "OnA=", "/w==", "dTpw\n", "=")) | any_text
)
_entries = st.dictionaries(
    st.sampled_from((*_CREDENTIALS, "email")) | any_text, _auth | values, max_size=4
)


def _documents(auths: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with such `auths`, or none, and other keys before and after them."""
    parts = {
        "auths": auths,
        "credsStore": any_text | values,
        "credHelpers": st.dictionaries(_keys, any_text | values, max_size=3) | values,
        "HttpHeaders": values,
        "": values,
    }
    pairs = st.one_of(
        *(st.tuples(st.just(name), value) for name, value in parts.items()),
        st.tuples(any_text, values),
    )
    return st.lists(pairs, max_size=6, unique_by=lambda pair: pair[0]).map(dict)


# What clients can use, whatever else stands in it ...
documents = _documents(st.dictionaries(_keys, _entries, max_size=5))
# ... and what has a wrong type at any place.
odd_documents = _documents(
    values | st.dictionaries(_keys, _entries | values, max_size=5)
)


# The bytes of a good file, and a place in them, to those of a worse one.
Damage = Callable[[bytes, int], bytes]


@st.composite
def files(draw: st.DrawFn, *, is_vast: bool = False) -> bytes:
    """The bytes of a file: JSON, damaged in one of many ways, or megabytes long."""
    document = draw(odd_documents)
    indent = draw(st.sampled_from((None, 0, 1, "\t")))
    text = json.dumps(document, indent=indent, ensure_ascii=draw(st.booleans()))
    raw = text.encode("utf-8", "surrogatepass")
    place = draw(st.integers(0, len(raw)))
    ways = _VAST if is_vast else _DAMAGES
    return ways[draw(st.sampled_from(sorted(ways)))](raw, place)


def _twice(raw: bytes, _place: int) -> bytes:
    """With its first member once more."""
    document = json.loads(raw)
    if not document:
        return raw
    first = next(iter(document))
    member = f"{json.dumps(first)}: {json.dumps(document[first])}, ".encode()
    return b"{" + member + raw.lstrip()[1:]


def _in(raw: bytes, value: bytes) -> bytes:
    """With another member that has this value, however it is spelled."""
    rest = raw.lstrip()[1:]
    comma = b"" if rest.lstrip().startswith(b"}") else b","
    return b'{"more": ' + value + comma + rest


_DAMAGES: dict[str, Damage] = {
    "none": lambda raw, _place: raw,
    "none at all": lambda raw, _place: raw,
    "cut off": lambda raw, place: raw[:place],
    "without its beginning": lambda raw, place: raw[place:],
    "a byte more": lambda raw, place: raw[:place] + b"\xff" + raw[place:],
    "a comma more": lambda raw, place: raw[:place] + b"," + raw[place:],
    "a zero byte": lambda raw, place: raw[:place] + b"\0" + raw[place:],
    "byte order mark": lambda raw, _place: b"\xef\xbb\xbf" + raw,
    "another encoding": lambda raw, _place: raw.decode("utf-8", "replace").encode(
        "utf-16"
    ),
    "key twice": _twice,
    "two documents": lambda raw, _place: raw + raw,
    "in a list": lambda raw, _place: b"[" + raw + b"]",
    "not a number": lambda raw, _place: _in(raw, b"NaN"),
    "infinity": lambda raw, _place: _in(raw, b"-Infinity"),
    "float beyond range": lambda raw, place: _in(raw, b"1" * (place % 9) + b"e9999"),
    "integer beyond range": lambda raw, _place: _in(raw, b"9" * 5000),
    "deep list": lambda raw, place: _in(raw, _nested(b"[", b"", b"]", 90 + place % 20)),
    "deep object": lambda raw, place: _in(
        raw, _nested(b'{"a":', b"1", b"}", 90 + place % 20)
    ),
}

_VAST: dict[str, Damage] = {
    "one value": lambda raw, _place: _in(raw, b'"' + b"x" * 3_000_000 + b'"'),
    "one key": lambda raw, _place: _in(raw, b'{"' + b"x" * 3_000_000 + b'": {}}'),
    "many registries": lambda raw, _place: _in(raw, _registries(20_000)),
    "far too deep": lambda raw, _place: _in(raw, b"[" * 3_000_000),
    "blank": lambda raw, _place: b" " * 3_000_000 + raw,
}


def _registries(count: int) -> bytes:
    auths = {f"{number}.test": {"auth": "dTpw"} for number in range(count)}
    return json.dumps({"auths": auths}).encode()


def _nested(begin: bytes, inner: bytes, end: bytes, depth: int) -> bytes:
    return begin * depth + inner + end * depth
