# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

# This file is private to the collection: it may change with any release.

"""The calls on the namespaces of one account in the registry of one region.

Source: https://cloud.ibm.com/apidocs/container-registry, for who may do what
https://cloud.ibm.com/docs/Registry?topic=Registry-ts_namespace_auth. Which status and code
tell that a name is taken, or that there are too many, IBM does not document.
"""

from __future__ import annotations

import re

from ansible_collections.icr.access.plugins.module_utils import (
    _errors,
    _namespaces,
    _refusals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ansible_collections.icr.access.plugins.module_utils import (
        _caller,
        _refusals,
        _registries,
    )

_NOT_AUTHORIZED = "CRG0020E"
_MANAGER = (
    "the calling identity needs the role Manager on Container Registry for the whole account: a "
    "policy on a namespace or a resource group is not enough"
)
_GROUP_UNKNOWN = (
    "resource_group takes the id of a resource group of this account, not its name; "
    "`ibmcloud resource groups` shows the ids."
)
_TOO_MANY = (
    "An account has room for 100 namespaces in a region: remove one that is not needed any "
    "more, or use another region."
)
_CATALOG = (
    "An account owner has to allow Container Registry in the catalog management settings of "
    "the account."
)


class NamespaceApi:
    """Namespaces of one account in one registry. All calls raise what `Caller.call` raises."""

    def __init__(
        self, caller: _caller.Caller, registry: _registries.Registry, account_id: str
    ) -> None:
        self._caller = caller
        self._host = registry.host
        self._url = f"{registry.urls[0]}/api/v1"
        self._headers = {"Account": account_id}

    def list_namespaces(self) -> list[_namespaces.Namespace]:
        """Those that the caller may see: without rights to any, the registry lists none."""
        answer = self._call(
            "GET", "/namespaces/details", f"Listing the namespaces of {self._host}"
        )
        try:
            return [
                _namespaces.Namespace.from_wire(element)
                for element in answer.elements()
            ]
        except TypeError:
            raise _unexpected(answer, "list of namespaces") from None

    def find(self, name: str) -> _namespaces.Namespace | None:
        """The namespace of that name, None when it is not there or not to be seen."""
        found = (each for each in self.list_namespaces() if each.name == name)
        return next(found, None)

    def create(self, name: str, resource_group: str | None) -> bool:
        """Have a namespace of that name; whether it was made, instead of being there already.

        May be repeated: a second request finds what the first one made.
        """
        try:
            answer = self._call(
                "PUT",
                f"/namespaces/{name}",
                f"Making the namespace {name} in {self._host}",
                resource_group=resource_group,
            )
        except _errors.AccessError as error:
            raise self._explained(
                error, advice_on_making(error, name, resource_group is not None)
            ) from None
        # When an answer was lost on the way, the namespace may be that of the first request.
        return answer.status == 201 or answer.attempts > 1

    def assign(self, name: str, resource_group: str) -> None:
        """Give a resource group to a namespace that has none, which works once."""
        try:
            self._call(
                "PATCH",
                f"/namespaces/{name}",
                f"Assigning the namespace {name} in {self._host} to resource group {resource_group}",
                resource_group=resource_group,
                can_repeat=False,
            )
        except _errors.AccessError as error:
            raise self._explained(error, advice_on_assigning(error)) from None

    def delete(self, name: str) -> None:
        """Remove the namespace and its images; one that is gone already is no error."""
        try:
            self._call(
                "DELETE",
                f"/namespaces/{name}",
                f"Removing the namespace {name} from {self._host}",
            )
        except _errors.AccessError as error:
            if error.status == 404:
                return
            advice = _to_be_manager() if error.status == 403 else None
            raise self._explained(error, advice) from None

    def count_images(self, name: str) -> int:
        """How many images the namespace holds, lists for several platforms included, and those
        that have no tag."""
        tagged = self._call(
            "GET",
            "/images",
            f"Listing the images of the namespace {name} in {self._host}",
            query={
                "namespace": name,
                "includeIBM": "false",
                "includePrivate": "true",
                "includeManifestLists": "true",
                "vulnerabilities": "false",
            },
        )
        # This one cannot be asked for a namespace, and only looks in spite of its method.
        untagged = self._call(
            "POST",
            "/images/digests",
            f"Listing the images without a tag in {self._host}",
            document={"exclude_tagged": True, "exclude_va": True, "include_ibm": False},
        )
        return len(tagged.elements()) + sum(
            _namespaces.is_image_of(name, element) for element in untagged.elements()
        )

    def _call(
        self,
        method: str,
        path: str,
        action: str,
        *,
        query: dict[str, str] | None = None,
        document: object = None,
        resource_group: str | None = None,
        can_repeat: bool = True,
    ) -> _refusals.Answer:
        headers = dict(self._headers)
        if resource_group is not None:
            headers["X-Auth-Resource-Group"] = resource_group
        answer = self._caller.call(
            method,
            self._url + path,
            action=action,
            query=query,
            document=document,
            headers=headers,
            can_repeat=can_repeat,
        )
        answer.refuse_page()
        return answer

    def _explained(
        self, error: _errors.AccessError, advice: str | None
    ) -> _errors.AccessError:
        # What IAM says of the caller's key is not about namespaces.
        is_ours = (error.url or "").startswith(self._url)
        return _refusals.with_advice(error, advice) if advice and is_ours else error


def advice_on_making(
    error: _errors.AccessError, name: str, has_group: bool
) -> str | None:
    """What a refused PUT can mean, None where the error says it already. Pure.

    Limits and catalog filters have codes that are not documented, and are known by their words.
    """
    said = str(error).replace(name, "").lower()
    if error.status == 404 or "resource group" in said:
        return _GROUP_UNKNOWN if has_group else None
    if error.code != _NOT_AUTHORIZED and error.status in (400, 403, 409, 422):
        if "catalog" in said:
            return _CATALOG
        if re.search(r"limit|maximum|quota|too many", said):
            return _TOO_MANY
    if error.status not in (403, 409):
        return None
    group = ", and Viewer on the resource group" if has_group else ""
    return (
        "Either the name is taken: names are unique across all accounts of a region, and that of "
        "a namespace which was deleted is free again only after some minutes; choose another. Or "
        f"{_MANAGER}{group}."
    )


def advice_on_assigning(error: _errors.AccessError) -> str | None:
    """What a refused PATCH can mean, None where the error says it already. Pure."""
    if error.status == 404:
        return _GROUP_UNKNOWN
    if error.status == 403:
        return f"{_to_be_manager()[:-1]}, and Viewer on the resource group."
    return None


def _to_be_manager() -> str:
    return f"{_MANAGER[:1].upper()}{_MANAGER[1:]}."


def _unexpected(answer: _refusals.Answer, what: str) -> _errors.BadResponseError:
    return _errors.BadResponseError(
        f"{answer.action} failed: {answer.url} answers with what is no {what}.",
        url=answer.url,
        status=answer.status,
    )
