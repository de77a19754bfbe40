# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A certificate authority of the sandbox's own, and certificates in front of it."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from icr_sandbox.regions import real_host_names

CA_CERTIFICATE = "ca.pem"
SERVER_CERTIFICATE = "server.pem"
SERVER_KEY = "server.key"
_LIFE = datetime.timedelta(days=365)
# Clocks of test machines and containers are not all alike.
_SLACK = datetime.timedelta(hours=1)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def write_certificates(directory: Path, extra_address: str | None = None) -> None:
    """Fill the directory (made 0700 if missing) with a new CA and a server certificate for
    loopback, every real host name, and the address that is bound. The key of the CA is not
    kept. Raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    ca_key, server_key = _new_key(), _new_key()
    ca_name = _name("icr_sandbox CA")
    authority = (
        _builder(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_key_identifier(ca_key), critical=False)
        .sign(ca_key, SHA256())
    )
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    server = (
        _builder(_name("icr_sandbox"), ca_name, server_key)
        .add_extension(_alternative_names(extra_address), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
        .add_extension(_key_identifier(server_key), critical=False)
        .add_extension(issuer_id, critical=False)
        .sign(ca_key, SHA256())
    )
    _write(directory / CA_CERTIFICATE, authority.public_bytes(Encoding.PEM), 0o644)
    _write(directory / SERVER_CERTIFICATE, server.public_bytes(Encoding.PEM), 0o644)
    _write(directory / SERVER_KEY, _key_text(server_key), 0o600)


def server_context(directory: Path) -> ssl.SSLContext:
    """Raises OSError, ssl.SSLError when the files are not what `write_certificates` wrote."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / SERVER_CERTIFICATE, directory / SERVER_KEY)
    return context


def remove_certificates(directory: Path) -> None:
    """Take the files away again; the directory stays."""
    for name in (CA_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY):
        (directory / name).unlink(missing_ok=True)


def self_signed(key: rsa.RSAPrivateKey, common_name: str) -> bytes:
    """PEM of a certificate for a token signing key, as `rootcertbundle` wants it."""
    name = _name(common_name)
    return _builder(name, name, key).sign(key, SHA256()).public_bytes(Encoding.PEM)


def _new_key() -> ec.EllipticCurvePrivateKey:
    # Elliptic curves, because an RSA key can take longer to find than the start may take.
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _LIFE)
    )


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_identifier(key: PrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _alternative_names(extra_address: str | None) -> x509.SubjectAlternativeName:
    addresses = {"127.0.0.1", "::1"}
    if extra_address is not None:
        addresses.add(extra_address)
    names = ("localhost", *real_host_names())
    return x509.SubjectAlternativeName(
        [
            *(x509.DNSName(name) for name in names),
            *(
                x509.IPAddress(ipaddress.ip_address(address))
                for address in sorted(addresses)
            ),
        ]
    )


def _key_text(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
