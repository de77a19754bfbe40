# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""What a login costs, beside `ansible.builtin.ping` on the same hosts in the same rounds.

`make bench` runs it, by its name in the collection and with that on ANSIBLE_COLLECTIONS_PATH;
`--rows peers` runs one group of rows alone. Prints tables; with `--page` it writes
them into a page, too. The exit status is 1 when a promise is missed by more than `--slack`; with
`--check`, rows of which nothing is promised are left out, and the others are measured again, a few
times at most, while one seems to be.
Loopback only, but for `--rows peers`, which installs a package; makes and removes a folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from . import rows_core, rows_growth, rows_keys, rows_peers, rows_ssh, rows_tls
from .results import surroundings
from .section import Section, Size, with_section

GROUPS: dict[str, Callable[[Path, Size], Section]] = {
    "core": rows_core.measured,
    "tls": rows_tls.measured,
    "peers": rows_peers.measured,
    "growth": rows_growth.measured,
    "keys": rows_keys.measured,
    "ssh": rows_ssh.measured,
}


def main() -> int:
    given = _arguments()
    size = Size(given.hosts, given.rounds, given.slack, given.check)
    missed: list[str] = []
    for name in given.rows or GROUPS:
        sys.stderr.write(f"{name}\n")
        with tempfile.TemporaryDirectory(prefix="icr-bench-") as folder:
            section = GROUPS[name](Path(folder), size)
        section = section._replace(text=f"{section.text}\n\n{surroundings()}")
        sys.stdout.write(f"\n{section.title}\n\n{section.text}\n")
        sys.stdout.flush()
        if given.page:
            page = with_section(given.page.read_text(), name, section)
            given.page.write_text(page)
        missed += section.missed
    sys.stdout.writelines(f"missed: {each}\n" for each in missed)
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="logins", description=__doc__)
    parser.add_argument("--rows", action="append", choices=list(GROUPS), default=[])
    parser.add_argument("--hosts", type=int, default=Size().hosts)
    parser.add_argument("--rounds", type=int, default=Size().rounds)
    parser.add_argument("--slack", type=float, default=0.0)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--page", type=Path, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
