# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""TLS: whom to trust, and how to begin."""

from __future__ import annotations

import os
import ssl
import threading

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _wire,
)

_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")


class Trust:
    """Whom to trust: the context to agree on TLS with, and whether all that there is to trust has
    been read. May be used by several threads at once."""

    def __init__(self, context: ssl.SSLContext, *, is_whole: bool = True) -> None:
        self.context = context
        self.is_whole = is_whole
        self._reading = threading.Lock()

    def read_rest(self) -> None:
        """Trust all of the system's store. Reads its bundle, once."""
        with self._reading:
            if not self.is_whole:
                self.context.load_default_certs()
                self.is_whole = True


def make_trust(ca_path: str | None, *, validate_certs: bool) -> Trust:
    """Trust in `ca_path` (file or folder), else in what `REQUESTS_CA_BUNDLE` or
    `SSL_CERT_FILE` names, else in the system's store; in nobody's word if not validated.

    Raises `InputError` when what was named is not a certificate store. Reads files.
    """
    if not validate_certs:
        # Nobody's certificates are needed then, and the system's are many.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return Trust(context)
    path, source = find_store(ca_path)
    return _trust_of_system() if path is None else Trust(_context_of(path, source))


def start_tls(wire: _wire.Wire, trust: Trust, host: str, where: str) -> None:
    """Agree on TLS with `host` over a connected wire. `where` is how errors call the other end.

    Raises `GrownTrustError` when it is worth to connect once more, `NoTlsError`,
    `BrokenHandshakeError`, `OSError` (of `ssl`, too).
    """
    wire.limit()
    was_whole = trust.is_whole
    try:
        wire.socket = trust.context.wrap_socket(wire.socket, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        if was_whole:
            raise
        trust.read_rest()
        raise _wire.GrownTrustError from error
    except ssl.SSLError as error:
        if getattr(error, "reason", None) in _NOT_TLS:
            raise _wire.NoTlsError(
                f"{where} does not speak TLS. Is it http?"
            ) from error
        if isinstance(error, ssl.SSLEOFError):
            raise _wire.BrokenHandshakeError(
                f"{where} ends TLS before it begins."
            ) from error
        raise
    except ConnectionError as error:
        raise _wire.BrokenHandshakeError(
            f"{where} ends TLS before it begins."
        ) from error


def find_store(ca_path: str | None) -> tuple[str | None, str]:
    """The file or folder of certificates to trust, and what named it; None and nothing for the
    system's store. Reads the environment."""
    if ca_path:
        return ca_path, "ca_path"
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        if os.environ.get(variable):
            return os.environ[variable], f"The environment variable {variable}"
    return None, ""


def _trust_of_system() -> Trust:
    # Most systems keep their store twice: as one file, and as a folder in which OpenSSL finds a
    # certificate by its name. To read the whole file takes as long as all else that a login
    # does, so it is left for those whom the folder does not vouch for.
    folder = ssl.get_default_verify_paths().capath
    try:
        if folder and _has_hashed_names(folder):
            return Trust(ssl.create_default_context(capath=folder), is_whole=False)
    except OSError:  # which is OpenSSL's to tell, when it finds nothing
        pass
    return Trust(ssl.create_default_context())


def _context_of(path: str, source: str) -> ssl.SSLContext:
    try:
        if os.path.isdir(path):
            return _context_of_folder(path, source)
        return ssl.create_default_context(cafile=path)
    except ssl.SSLError as error:
        raise _errors.InputError(
            f"{source} names {path}, which holds no PEM certificates."
        ) from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise _errors.InputError(
            f"{source} names {path}, which cannot be read: {reason}."
        ) from error


def _context_of_folder(path: str, source: str) -> ssl.SSLContext:
    if not _has_hashed_names(path):
        raise _errors.InputError(
            f"{source} names the folder {path}, which holds no certificates under hashed names. "
            f"Run openssl rehash on it, or name a file."
        )
    return ssl.create_default_context(capath=path)


def _has_hashed_names(folder: str) -> bool:
    """Whether OpenSSL can find certificates there: it goes by the hash in their names, and says
    nothing when there is none."""
    return any(name[-2:] == ".0" for name in os.listdir(folder))
