# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The errors that users see, and the words they are told in.

AccessError                 anything that can be expected to go wrong
├── InputError              what the user asked for makes no sense
├── TransportError          no answer came back
│   ├── TlsError            ... because the two sides did not trust each other
│   └── AnswerTimeoutError  ... in the time that was allowed
├── BadResponseError        an answer came back that is not what the service documents
├── ApiError                the service said no
│   └── AuthError           ... because of who we are
└── AuthFileError           an auth file cannot be read, understood or written
"""

from __future__ import annotations

import base64
import json
import re
from itertools import product
from urllib.parse import quote

_LONGEST_EXCERPT = 300
_HIDDEN = "(hidden)"


class AccessError(Exception):
    """Base of all errors of this collection.

    The message is one line for a person: what was tried, on what, what came back, what to do.
    The other fields are what a playbook may branch on; None where there is no such thing.
    """

    def __init__(
        self,
        message: str,
        *,
        url: str | None = None,
        status: int | None = None,
        code: str | None = None,
        trace_id: str | None = None,
    ) -> None:
        # What a file or a server says must not steer the terminal that shows it.
        shown = "".join(c if c.isprintable() or c.isspace() else "?" for c in message)
        super().__init__(" ".join(shown.split()))
        self.url = None if url is None else without_query(url)
        self.status = status
        self.code = code
        self.trace_id = trace_id
        # What the service adds for programs, if anything: never shown, for it may hold all.
        self.details: object = None

    def extended(self, sentence: str) -> AccessError:
        """The same error with another sentence in its message. Pure."""
        longer = type(self)(
            f"{self} {sentence}",
            url=self.url,
            status=self.status,
            code=self.code,
            trace_id=self.trace_id,
        )
        longer.details = self.details
        return longer

    def fields(self) -> dict[str, object]:
        """What goes beside `msg` in a failed result. Pure."""
        return {
            "url": self.url,
            "status": self.status,
            "code": self.code,
            "trace_id": self.trace_id,
        }


class InputError(AccessError):
    """What the user asked for is unknown, contradictory or incomplete."""


class TransportError(AccessError):
    """No answer came back: the service cannot be reached, or the connection broke."""


class TlsError(TransportError):
    """The connection was refused because a certificate is not trusted or TLS failed."""


class AnswerTimeoutError(TransportError):
    """The service did not answer in the time that was allowed."""


class BadResponseError(AccessError):
    """The answer is not what the service documents, so nothing can be concluded from it."""


class ApiError(AccessError):
    """The service understood the request and declined it."""


class AuthError(ApiError):
    """The service declined because of the credentials or their permissions."""


class AuthFileError(AccessError):
    """An auth file, or the credential helper it names, cannot be read or written."""


def without_query(url: str) -> str:
    """The URL with neither user information nor query nor fragment. Pure."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/@]*@", r"\1", bare)


def with_tries(message: str, tries: int) -> str:
    """The message, telling in its first sentence how often it was tried if more than once.
    Pure."""
    if tries < 2:
        return message
    end = re.search(r"\.(?=\s|$)|$", message)
    place = end.start() if end else len(message)
    return f"{message[:place]} (tried {tries} times){message[place:]}"


def forms_of(secret: str) -> tuple[str, ...]:
    """The secret and the spellings in which an answer could give it back. Pure.

    Escaped for URLs, JSON and HTML; and base64, of what is escaped for an URL too, at every
    alignment: a secret behind a user name and a colon starts anywhere in a group of three bytes.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    # A slash may stay, and a space be a plus: there are two ways to escape for an URL.
    whole = quote(raw, safe="")
    in_url = {whole, quote(raw), whole.replace("%20", "+")}
    in_html = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    forms = [
        secret,
        *in_url,
        json.dumps(secret)[1:-1],
        in_html,
        in_html.replace('"', "&quot;").replace("'", "&#39;"),
    ]
    texts = {raw, *(each.encode("ascii") for each in in_url)}
    for encoded, shift in product(texts, range(3)):
        usable = len(encoded) - (len(encoded) + shift) % 3
        group = base64.b64encode(b"\0" * shift + encoded[:usable]).decode("ascii")
        inner = group[4:] if shift else group
        if len(inner) >= 8:
            forms += [inner, inner.replace("+", "-").replace("/", "_")]
    return tuple(sorted(set(forms), key=len, reverse=True))


def excerpt(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Server text fit for an error message: one line, short, no control characters, none of
    the given secrets in any of their forms. Pure."""
    forms = sorted(
        (f for s in secrets for f in forms_of(s) if f), key=len, reverse=True
    )
    if forms:
        text = re.sub("|".join(map(re.escape, forms)), _HIDDEN, text)
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    if len(text) > _LONGEST_EXCERPT:
        text = text[:_LONGEST_EXCERPT].rstrip() + "…"
    return text
