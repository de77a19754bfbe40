# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""What others have written, made fit for an error message. Pure.

Apart from the errors, because most runs have none.
"""

from __future__ import annotations

import base64
import json
import re
from itertools import product
from urllib.parse import quote

_LONGEST_EXCERPT = 300
_HIDDEN = "(hidden)"


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
