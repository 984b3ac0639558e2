"""A hook that refuses what the rules of branches do not allow to be pushed, before anything of it is kept.

https://git-scm.com/docs/githooks#update
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Literal

Refused = Literal["push", "force", "delete"]
"""What is refused on a branch: any push, one that takes commits off it, its deletion."""

_HOOK = """\
#!/bin/sh
# HUB_RULES holds a line for each branch that has rules: its ref, then what is refused.
ref=$1 old=$2 new=$3 refused=
while read -r name rules; do
    if [ "$name" = "$ref" ]; then refused=" $rules "; fi
done <<END
$HUB_RULES
END

refuse() {
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: $1" >&2
    exit 1
}

nothing=0000000000000000000000000000000000000000
if [ "$new" = $nothing ]; then
    case $refused in *" delete "*) refuse "Cannot delete this branch" ;; esac
elif [ "$old" != $nothing ] && ! git merge-base --is-ancestor "$old" "$new"; then
    case $refused in *" force "*) refuse "Cannot force-push to this branch" ;; esac
fi
case $refused in *" push "*) refuse "Changes must be made through a pull request." ;; esac
"""


def install_hook(repository: Path) -> None:
    """Put the hook into a bare repository."""
    hook = repository / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK)
    hook.chmod(0o755)


def rules_environment(rules: Mapping[str, Collection[Refused]]) -> dict[str, str]:
    """Return the part of the environment that tells the hook what is refused on which branch."""
    return {"HUB_RULES": "\n".join(f"refs/heads/{branch} {' '.join(refused)}" for branch, refused in rules.items())}
