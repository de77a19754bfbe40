# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How IBM Cloud, or what stands in for it, is reached."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  visibility:
    description:
      - Which of IBM Cloud's networks the hosts of a region are taken from.
      - With V(private) these are the C(private.*) hosts, which can be reached from inside IBM Cloud only.
    type: str
    choices: [public, private]
    default: public
    version_added: 0.1.0
  endpoints:
    description:
      - Replaces the built-in hosts, for the sandbox of this collection or a gateway of your own.
      - A dictionary with the keys C(iam) (a URL) and C(registry) (a dictionary of region and URL). It wins over
        O(visibility).
      - A region that is missing from it is an error; the built-in host is never used instead.
      - Plain C(http://) is accepted for the loopback interface only.
    type: dict
    version_added: 0.1.0
  ca_path:
    description:
      - Certificates that are trusted as authorities, a PEM file or a folder of hashed certificates, where the module
        runs.
      - Without it the environment variables E(REQUESTS_CA_BUNDLE) and E(SSL_CERT_FILE) are honoured, then the
        system's store.
    type: path
    version_added: 0.1.0
  validate_certs:
    description:
      - Whether certificates are checked. Without that check, whoever sits in between can read the credentials.
    type: bool
    default: true
    version_added: 0.1.0
  timeout:
    description:
      - Seconds that one request may take.
    type: float
    default: 10
    version_added: 0.1.0
  retries:
    description:
      - How often a request is repeated after a failed connection, an answer 429 or a server error.
      - The module waits in between, longer each time, or as long as the service asks for with C(Retry-After), 30
        seconds at most.
    type: int
    default: 3
    version_added: 0.1.0
notes:
  - The environment variables E(HTTPS_PROXY) and E(NO_PROXY) are honoured.
  - Redirects are not followed and C(.netrc) is not read, so that credentials go only to the hosts that are named.
"""
