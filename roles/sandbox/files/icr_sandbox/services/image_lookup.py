# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""From the name of an image, as clients of the registry API write it, to the image.

Source: https://cloud.ibm.com/apidocs/container-registry
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from icr_sandbox import wire_errors
from icr_sandbox.access_tokens import Caller
from icr_sandbox.repositories import Manifest, Repository
from icr_sandbox.services.callers import Callers
from icr_sandbox.state import State

_NAME = re.compile(
    r"(?:(?P<host>[^/]*[.:][^/]*|localhost)/)?"
    r"(?P<repository>[^/:@]+(?:/[^/:@]+)+)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_DEFAULT_TAG = "latest"


@dataclass(frozen=True)
class ImageName:
    """`us.icr.io/team/app:1` without its host, which is not looked at."""

    repository: str
    tag: str | None
    digest: str | None

    @property
    def namespace(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def reference(self) -> str:
        return self.digest or self.tag or _DEFAULT_TAG


@dataclass(frozen=True)
class Image:
    """One manifest of a repository."""

    name: ImageName
    repository: Repository
    digest: str
    manifest: Manifest


def image_name(text: str) -> ImageName:
    """Without tag and digest the tag is `latest` [documented]. Raises RefusalError."""
    found = _NAME.fullmatch(text)
    if found is None:
        raise wire_errors.registry_argument_invalid("image")
    return ImageName(found["repository"], found["tag"], found["digest"])


class ImageLookup:
    """Finds images for callers who may do to them what they are about to do."""

    def __init__(self, state: State, callers: Callers) -> None:
        self._state = state
        self._callers = callers

    def check_may(
        self, caller: Caller, action: str, region: str, namespace: str
    ) -> None:
        """Raises RefusalError, also for a namespace that does not exist or is another
        account's [assumed]."""
        known = self._state.namespaces.get((region, namespace))
        if (
            known is None
            or known.account_id != caller.account_id
            or not self._callers.may_in_registry(caller, action, region, namespace)
        ):
            raise wire_errors.resource_not_authorized()

    def image(self, caller: Caller, action: str, region: str, text: str) -> Image:
        """Raises RefusalError."""
        name = image_name(text)
        self.check_may(caller, action, region, name.namespace)
        repository = self._state.repositories.find(region, name.repository)
        found = self._state.repositories.manifest(
            region, name.repository, name.reference
        )
        if repository is None or found is None:
            raise wire_errors.image_not_found()
        return Image(name, repository, *found)
