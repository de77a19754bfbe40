# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The words for why there is no answer. Pure."""

from __future__ import annotations

import socket
import ssl

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _http_answer,
    _wire,
)

_TRUST_HINT = (
    "Trust its CA by ca_path, REQUESTS_CA_BUNDLE, SSL_CERT_FILE or the system's store."
)
# OpenSSL's X509_V_ERR_* numbers (openssl-verify(1)): what is wrong, what to do.
_WRONG_CERTIFICATE = {
    9: ("its certificate is not valid yet", "Is this host's clock right?"),
    10: (
        "its certificate has expired",
        "It needs a new one, or this host's clock is wrong.",
    ),
    18: ("its certificate is self-signed and not trusted here", _TRUST_HINT),
    19: ("its certificate comes from a CA that is not trusted here", _TRUST_HINT),
    20: ("its certificate comes from a CA that is not trusted here", _TRUST_HINT),
    21: ("its certificate comes from a CA that is not trusted here", _TRUST_HINT),
    23: ("its certificate was revoked", "It needs a new one."),
    62: (
        "its certificate is for another name",
        "Use the name that is in the certificate.",
    ),
    64: (
        "its certificate is for another address",
        "Use the name that is in the certificate.",
    ),
}


def without_answer(
    error: Exception,
    method: str,
    url: str,
    where: str,
    timeout: float,
    has_received: bool,
) -> _errors.AccessError:
    """The error that tells why a request has no answer that could be read; `where` was asked,
    `timeout` is in seconds, `has_received` tells whether a byte of an answer came. Pure."""
    is_broken = isinstance(error, (ConnectionError, ssl.SSLEOFError))
    if isinstance(error, _http_answer.NoAnswerError) or (
        is_broken and not has_received
    ):
        return _wire.ClosedEarlyError(
            f"{where} closed the connection without an answer."
        )
    if isinstance(error, _http_answer.BrokenOffError):
        return _errors.TransportError(f"{where} broke its answer off.")
    if isinstance(error, _http_answer.NotHttpError):
        return _errors.BadResponseError(
            f"{method} {_errors.without_query(url)}: {where} answers what is not HTTP ({error}).",
            url=url,
        )
    return lost(error, where, timeout)


def lost(error: Exception, where: str, timeout: float) -> _errors.TransportError:
    """The error that tells why there is no answer from `where`. Pure."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return _tls_error(error, where)
    if isinstance(error, socket.timeout):
        waited = "1 second" if timeout == 1 else f"{timeout:g} seconds"
        return _errors.AnswerTimeoutError(
            f"{where} did not answer within {waited}. Does a firewall drop what is "
            f"sent there, or is timeout too short?"
        )
    if isinstance(error, ConnectionRefusedError):
        return _wire.RefusedError(
            f"{where} refuses connections. Is it running, and is the port right?"
        )
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return _errors.TransportError(
            f"{where} cannot be found: DNS does not answer now. Does it work on this host?"
        )
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return _wire.LastingError(
            f"{where} cannot be found: DNS knows no address of that name."
        )
    if isinstance(error, (ConnectionError, ssl.SSLEOFError)):
        return _errors.TransportError(f"{where} broke the connection off.")
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return _errors.TransportError(f"{where} cannot be reached: {reason.lower()}.")


def _tls_error(error: ssl.SSLError, where: str) -> _errors.TlsError:
    """What the failed handshake or broken connection with `where` means. Pure."""
    if isinstance(error, ssl.SSLCertVerificationError):
        known = _WRONG_CERTIFICATE.get(error.verify_code)
        what, hint = known or (f"its certificate fails: {error.verify_message}", "")
        return _errors.TlsError(f"{where} is not trusted: {what}. {hint}")
    reason = (
        (getattr(error, "reason", None) or str(error) or type(error).__name__)
        .replace("_", " ")
        .lower()
    )
    return _errors.TlsError(
        f"{where} and this host cannot agree on TLS: {reason}. Does it speak https?"
    )
