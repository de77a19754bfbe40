# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""The registry regions that are imitated, and the host names that real clients use."""

from __future__ import annotations

# Region to public host label. A table of the sandbox's own: it has to be able to disagree
# with the collection, or it could not show the collection wrong.
PUBLIC_HOSTS = {
    "global": "icr.io",
    "us-south": "us.icr.io",
    "eu-gb": "uk.icr.io",
    "eu-de": "de.icr.io",
    "au-syd": "au.icr.io",
    "jp-tok": "jp.icr.io",
    "jp-osa": "jp2.icr.io",
    "ca-tor": "ca.icr.io",
    "br-sao": "br.icr.io",
    "eu-es": "es.icr.io",
    "ca-mon": "ca2.icr.io",
    "in-che": "in.icr.io",
    "in-mum": "in2.icr.io",
}
REGIONS = tuple(PUBLIC_HOSTS)
IAM_HOSTS = (
    "iam.cloud.ibm.com",
    "private.iam.cloud.ibm.com",
    "private.us-south.iam.cloud.ibm.com",
    "private.us-east.iam.cloud.ibm.com",
)


def real_host_names() -> tuple[str, ...]:
    """Every name under which a front may serve the sandbox. Pure."""
    registries = tuple(PUBLIC_HOSTS.values())
    return (*IAM_HOSTS, *registries, *(f"private.{host}" for host in registries))
