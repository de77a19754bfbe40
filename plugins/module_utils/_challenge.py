# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What a server asks for in `WWW-Authenticate`, and where an answer may go. Pure."""

from __future__ import annotations

from ansible_collections.icr.access.plugins.module_utils import _named_tuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# Without regular expressions: every login reads a challenge, and to compile them costs more
# than to read it. Names of schemes and parameters; source: RFC 9110, section 5.6.2.
_TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)
_BARE_SCHEMES = frozenset(("basic", "bearer", "digest", "negotiate", "ntlm"))


class Challenge(_named_tuple.NamedTuple):
    """One challenge: scheme and parameter names in lower case, values as they were meant."""

    scheme: str
    parameters: dict[str, str]


def parse_challenges(headers: list[str]) -> list[Challenge]:
    """All challenges of all `WWW-Authenticate` headers of one answer, in their order.

    Follows RFC 9110, section 11.6.1. Beyond it, a value without quotes may hold the characters
    of a URL, and commas: `realm=https://HOST/token,scope=repository:a/b:pull,push`. What
    cannot be understood is left out; the first of two parameters of one name counts. Pure.
    """
    return [challenge for header in headers for challenge in _parse(header)]


def choose(challenges: list[Challenge]) -> Challenge | None:
    """The challenge to answer: Bearer that names a realm, else Basic, else None. Pure."""
    for challenge in challenges:
        if challenge.scheme == "bearer" and challenge.parameters.get("realm"):
            return challenge
    for challenge in challenges:
        if challenge.scheme == "basic":
            return challenge
    return None


def _parse(header: str) -> list[Challenge]:
    found: list[Challenge] = []
    unquoted = None  # the parameter that a piece of nothing but a value continues
    for piece in _pieces(header):
        scheme, name, value = _split(piece)
        if name and value.strip("="):
            if scheme:
                found.append(Challenge(scheme, {}))
            unquoted = _add(found[-1].parameters, name, value) if found else None
        elif unquoted and piece and piece.lower() not in _BARE_SCHEMES:
            found[-1].parameters[unquoted] += "," + piece
        else:
            word = piece.split(None, 1)[0] if piece else ""
            if _is_token(word):
                found.append(Challenge(word.lower(), {}))
            unquoted = None
    return found


def _pieces(header: str) -> Iterator[str]:
    """What stands between the commas that are not inside quotes."""
    begin, end = 0, 0
    while end < len(header):
        if header[end] == '"':
            end = _end_of_quoted(header, end)
        elif header[end] != ",":
            end += 1
        else:
            if end > begin:
                yield header[begin:end].strip()
            begin = end = end + 1
    if end > begin:
        yield header[begin:end].strip()


def _end_of_quoted(text: str, begin: int) -> int:
    """Where the quoted string ends that begins there; the end of the text if it never does."""
    position = begin + 1
    while position < len(text) and text[position] != '"':
        position += 2 if text[position] == "\\" else 1
    return min(position + 1, len(text))


def _split(text: str) -> tuple[str, str, str]:
    """Scheme and name in lower case, and value, of `[SCHEME] NAME=VALUE`; the first may be
    empty, and all are for any other text."""
    before, equals, value = text.partition("=")
    words = before.lower().split()
    if not equals or len(words) not in (1, 2) or not all(map(_is_token, words)):
        return "", "", ""
    return words[0] if len(words) == 2 else "", words[-1], value.lstrip()


def _is_token(word: str) -> bool:
    return bool(word) and _TOKEN.issuperset(word)


def _add(known: dict[str, str], name: str, value: str) -> str | None:
    """Store what the piece gives; the name of the value that may go on after a comma."""
    while name:
        if not value.startswith('"'):
            known.setdefault(name, value)
            return name
        end = _end_of_quoted(value, 0)
        known.setdefault(name, _unquoted(value[1:end]))
        # some servers forget the comma between two quoted values
        _scheme, name, value = _split(value[end:].strip())
    return None


def _unquoted(text: str) -> str:
    """What a quoted string means; `text` begins behind its opening quote."""
    meant, position = "", 0
    while position < len(text) and text[position] != '"':
        if text[position] == "\\":
            position += 1
        meant += text[position : position + 1]
        position += 1
    return meant
