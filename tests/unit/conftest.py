# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Make the checkout importable, and visible to Ansible, under the collection's name."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

CHECKOUT = Path(__file__).resolve().parents[2]
# What hypothesis keeps, it keeps where everything is that is generated.
set_hypothesis_home_dir(CHECKOUT / "build" / "hypothesis")


def import_collection_from(checkout: Path) -> None:
    """Let `ansible_collections.icr.access` mean the checkout, wherever that stands.

    Python searches a package's __path__ and does not ask how the package came about, so three
    made-up ones are all that the import statements of the plugins need.
    """
    search: dict[str, list[str]] = {
        "ansible_collections": [],
        "ansible_collections.icr": [],
        "ansible_collections.icr.access": [str(checkout)],
    }
    for name, path in search.items():
        package = ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
        if "." in name:
            parent, child = name.rsplit(".", 1)
            setattr(sys.modules[parent], child, package)


import_collection_from(CHECKOUT)


@pytest.fixture(scope="session", autouse=True)
def no_system_store() -> Iterator[None]:
    """Nobody is trusted because this machine does: servers of tests have an authority of their
    own, and reading the system's store takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            patch.delenv(name, raising=False)
        patch.setattr(ssl.SSLContext, "load_default_certs", lambda *_given: None)
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder with galaxy.yml."""
    return CHECKOUT


@pytest.fixture(scope="session")
def collections_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A value for ANSIBLE_COLLECTIONS_PATH, for tests that start an Ansible process."""
    root = tmp_path_factory.mktemp("collections")
    namespace = root / "ansible_collections" / "icr"
    namespace.mkdir(parents=True)
    (namespace / "access").symlink_to(CHECKOUT)
    return root
