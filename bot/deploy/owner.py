"""Which repository something on a platform belongs to, kept in labels of the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAME_LABEL = "gptdeploy.repository"
"""The name ("owner/name") of the repository whose workflow deployed the service, as it was then."""

ID_LABEL = "gptdeploy.repository-id"
"""Its id, which it keeps under another name or owner; a service that was deployed before has none."""


@dataclass(frozen=True)
class Owner:
    """A repository, as far as it is known: "" where it is not."""

    name: str = ""
    id: str = ""

    def is_other(self, other: Owner) -> bool:
        """Tell whether two are known to be different repositories: by their ids, or by their names where one has none.

        So the first repository to deploy under the old name takes over what carries a name alone.
        """
        if self.id and other.id:
            return self.id != other.id
        return bool(self.name and other.name) and self.name.casefold() != other.name.casefold()

    def told(self, news: Owner) -> Owner:
        """Return the same repository with what is newer known of it."""
        return Owner(news.name or self.name, news.id or self.id)

    @property
    def labels(self) -> dict[str, str]:
        return {label: value for label, value in ((NAME_LABEL, self.name), (ID_LABEL, self.id)) if value}


NOBODY = Owner()


def owner_of(service: Mapping[str, Any] | None) -> Owner:
    """Return whose a service on the engine is; `NOBODY` where that is not known, or there is no service."""
    labels = service["Spec"]["Labels"] if service else {}
    return Owner(labels.get(NAME_LABEL, ""), labels.get(ID_LABEL, ""))
