# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""`python3 -m icr_sandbox`: the sandbox as a process."""

from __future__ import annotations

import argparse
import os
import signal
import ssl
import sys
from pathlib import Path

from icr_sandbox import background, endpoints_file, registry_access, tls
from icr_sandbox.app import App
from icr_sandbox.server import LOOPBACK, Server, service_order

_LAST_PORT = 65535
_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not bound


def port_base(text: str) -> int:
    """Raises ValueError when the last service would have no port."""
    number = int(text)
    if not 1 <= number <= _LAST_PORT - len(service_order()) + 1:
        raise ValueError(text)
    return number


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="icr_sandbox",
        description="A local IBM Cloud, as far as Container Registry access rests on it.",
    )
    parser.add_argument(
        "--endpoints-file",
        type=Path,
        required=True,
        metavar="FILE",
        help="written, mode 0600, once everything answers; removed at the end",
    )
    parser.add_argument(
        "--tokens",
        choices=("modern", "historical"),
        default="modern",
        help="whether the registry tokens that IBM ended work (default: %(default)s)",
    )
    parser.add_argument(
        "--tls-dir",
        type=Path,
        metavar="DIR",
        help="serve https; the directory is filled with a CA and a server certificate",
    )
    parser.add_argument(
        "--bind",
        default=LOOPBACK,
        metavar="ADDR",
        help="address to listen on (default: %(default)s); the control port never "
        "leaves the loopback",
    )
    parser.add_argument(
        "--port-base",
        type=port_base,
        metavar="N",
        help="listen on N (IAM), N+1 (control), N+2 and on (regions); default: free ports",
    )
    parser.add_argument(
        "--seed-rng",
        type=int,
        metavar="N",
        help="make ids and secrets the same in every run",
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--detach",
        action="store_true",
        help="go on in the background; returns when everything answers",
    )
    action.add_argument(
        "--status",
        action="store_true",
        help='print "running" or "stopped" and do nothing else',
    )
    action.add_argument(
        "--stop",
        action="store_true",
        help="stop the sandbox that wrote FILE, if it is running",
    )
    return parser.parse_args(given)


def serve(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Writes the endpoints file, the certificate of the token
    service beside it and the TLS directory, and removes them at the end."""
    endpoints: Path = options.endpoints_file.absolute()
    if endpoints_file.running(endpoints) is not None:
        raise background.BackgroundError(f"{endpoints} is another running sandbox's")
    certificate = endpoints.with_name(endpoints.name + ".token.pem")
    app = App(tokens=options.tokens, seed=options.seed_rng)
    try:
        server = Server(
            app.handle,
            bind=options.bind,
            port_base=options.port_base,
            tls=tls_context(options),
        )
        end_on_signals(server)
        endpoints_file.write_bytes(
            certificate,
            tls.self_signed(app.registry_key.private_key, registry_access.ISSUER),
            0o644,
        )
        document = describe(app, server, options, certificate)
        endpoints_file.write(endpoints, document)
        say(ready_line(document, endpoints))
        server.run()
        signal.set_wakeup_fd(-1)
    finally:
        certificate.unlink(missing_ok=True)
        if options.tls_dir is not None:
            tls.remove_certificates(options.tls_dir)
        # Last, because whoever stops us waits for it to be gone.
        endpoints.unlink(missing_ok=True)
    return 0


def end_on_signals(server: Server) -> None:
    """Has SIGTERM and SIGINT end the server's loop.

    A handler alone is not enough: it runs between two steps of Python, and a signal that comes
    after the last of them finds the loop asleep. The wake-up descriptor is written at once.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    signal.set_wakeup_fd(server.wakeup_fd, warn_on_full_buffer=False)


def tls_context(options: argparse.Namespace) -> ssl.SSLContext | None:
    """None without --tls-dir. Writes the certificates."""
    if options.tls_dir is None:
        return None
    address = None if options.bind in _ANY_ADDRESS else options.bind
    tls.write_certificates(options.tls_dir, address)
    return tls.server_context(options.tls_dir)


def describe(
    app: App, server: Server, options: argparse.Namespace, certificate: Path
) -> dict[str, object]:
    """What the endpoints file holds; `api_key` in it is a secret."""
    host = LOOPBACK if options.bind in _ANY_ADDRESS else options.bind
    host = f"[{host}]" if ":" in host else host
    registries: dict[str, str] = {}
    urls: dict[str, str] = {}
    for listener in server.listeners:
        scheme = "https" if listener.secure else "http"
        if listener.service == "control":
            urls["control"] = f"http://{LOOPBACK}:{listener.port}"
        elif listener.region is None:
            urls["iam"] = f"{scheme}://{host}:{listener.port}"
        else:
            registries[listener.region] = f"{scheme}://{host}:{listener.port}"
    founder = app.state.founder
    document: dict[str, object] = {
        "endpoints": {"iam": urls["iam"], "registry": registries},
        "control": urls["control"],
        "account_id": founder.account_id,
        "iam_id": founder.iam_id,
        "api_key": founder.api_key,
        "pid": os.getpid(),
        "token": {
            "certificate": str(certificate),
            "issuer": registry_access.ISSUER,
            "service": registry_access.SERVICE,
        },
    }
    if options.tls_dir is not None:
        document["ca_path"] = str(options.tls_dir.absolute() / tls.CA_CERTIFICATE)
    return document


def ready_line(document: dict[str, object], endpoints: Path) -> str:
    """One line, without a secret."""
    return (
        f"icr_sandbox ready: control={document['control']} "
        f"pid={document['pid']} endpoints-file={endpoints}"
    )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(given: list[str] | None = None) -> int:
    """Exit status 0 when all is well, 1 with one line on stderr when not."""
    options = arguments(given)
    path: Path = options.endpoints_file.absolute()
    if options.status:
        say("stopped" if endpoints_file.running(path) is None else "running")
        return 0
    try:
        if options.stop:
            say(background.stop(path))
            return 0
        if options.detach:
            say(background.start(path, list(sys.argv[1:] if given is None else given)))
            return 0
        return serve(options)
    except (OSError, background.BackgroundError) as error:
        sys.stderr.write(f"icr_sandbox: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
