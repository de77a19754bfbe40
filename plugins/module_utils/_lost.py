# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The words for why there is no answer. Pure."""

from __future__ import annotations

import socket
import ssl

from ansible_collections.icr.access.plugins.module_utils._errors import (
    AccessError,
    AnswerTimeoutError,
    BadResponseError,
    TransportError,
    without_query,
)
from ansible_collections.icr.access.plugins.module_utils._http_answer import (
    BrokenOffError,
    NoAnswerError,
    NotHttpError,
)
from ansible_collections.icr.access.plugins.module_utils._tls import tls_error
from ansible_collections.icr.access.plugins.module_utils._wire import (
    ClosedEarlyError,
    LastingError,
    RefusedError,
)


def without_answer(
    error: Exception,
    method: str,
    url: str,
    where: str,
    timeout: float,
    has_received: bool,
) -> AccessError:
    """The error that tells why a request has no answer that could be read; `where` was asked,
    `timeout` is in seconds, `has_received` tells whether a byte of an answer came. Pure."""
    is_broken = isinstance(error, (ConnectionError, ssl.SSLEOFError))
    if isinstance(error, NoAnswerError) or (is_broken and not has_received):
        return ClosedEarlyError(f"{where} closed the connection without an answer.")
    if isinstance(error, BrokenOffError):
        return TransportError(f"{where} broke its answer off.")
    if isinstance(error, NotHttpError):
        return BadResponseError(
            f"{method} {without_query(url)}: {where} answers what is not HTTP ({error}).",
            url=url,
        )
    return lost(error, where, timeout)


def lost(error: Exception, where: str, timeout: float) -> TransportError:
    """The error that tells why there is no answer from `where`. Pure."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return tls_error(error, where)
    if isinstance(error, socket.timeout):
        waited = "1 second" if timeout == 1 else f"{timeout:g} seconds"
        return AnswerTimeoutError(
            f"{where} did not answer within {waited}. Does a firewall drop what is "
            f"sent there, or is timeout too short?"
        )
    if isinstance(error, ConnectionRefusedError):
        return RefusedError(
            f"{where} refuses connections. Is it running, and is the port right?"
        )
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return TransportError(
            f"{where} cannot be found: DNS does not answer now. Does it work on this host?"
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return LastingError(
            f"{where} cannot be found: DNS knows no address of that name."
        )
    if isinstance(error, (ConnectionError, ssl.SSLEOFError)):
        return TransportError(f"{where} broke the connection off.")
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return TransportError(f"{where} cannot be reached: {reason.lower()}.")
