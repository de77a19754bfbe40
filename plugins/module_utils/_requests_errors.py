# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The Python library requests: whether it is there, and what its errors mean."""

from __future__ import annotations

import contextlib
import http.client
import socket

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _lost,
    _wire,
)

try:
    import requests
except ImportError as error:
    HAS_REQUESTS = False
    REQUESTS_IMPORT_ERROR: ImportError | None = error
else:
    HAS_REQUESTS = True
    REQUESTS_IMPORT_ERROR = None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class BrokenOffError(_errors.TransportError):
    """An answer began and did not end."""


@contextlib.contextmanager
def explained(url: str, timeout: float) -> Iterator[None]:
    """Turns what requests raises into `TransportError` and its children."""
    where = _wire.Origin.of(url).address
    try:
        yield
    except requests.exceptions.ProxyError as error:
        reason = _root(error)
        told = (
            str(reason) if isinstance(reason, OSError) else "it refuses the connection"
        )
        raise _wire.LastingError(
            f"{where} cannot be reached through the proxy that HTTPS_PROXY names: {told}."
        ) from None
    except (
        requests.exceptions.ChunkedEncodingError,
        requests.exceptions.ContentDecodingError,
    ):
        raise BrokenOffError(f"{where} broke its answer off.") from None
    except (requests.exceptions.RequestException, OSError) as error:
        root = _root(error)
        if root is None and isinstance(error, requests.exceptions.Timeout):
            root = socket.timeout("timed out")
        if isinstance(root, http.client.IncompleteRead):
            raise BrokenOffError(f"{where} broke its answer off.") from None
        if isinstance(root, http.client.HTTPException) and not isinstance(
            root, OSError
        ):
            raise _wire.LastingError(
                f"{where} answers what is not HTTP ({type(root).__name__})."
            ) from None
        if isinstance(root, OSError):
            raise _lost.lost(root, where, timeout) from None
        raise _wire.LastingError(
            f"{where} cannot be asked: {type(error).__name__}."
        ) from None


def _root(error: BaseException) -> BaseException | None:
    """What Python itself raised, under all that urllib3 and requests wrap around it."""
    waiting: list[object] = [error]
    seen: list[object] = []
    while waiting:
        candidate = waiting.pop(0)
        if not isinstance(candidate, BaseException) or candidate in seen:
            continue
        seen.append(candidate)
        is_wrapped = isinstance(candidate, requests.exceptions.RequestException)
        if not is_wrapped and isinstance(
            candidate, (OSError, http.client.HTTPException)
        ):
            return candidate
        waiting += [
            candidate.__cause__,
            getattr(candidate, "reason", None),
            *candidate.args,
            candidate.__context__,
        ]
    return None
