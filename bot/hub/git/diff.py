"""Read the output of `git diff`, file by file."""

from __future__ import annotations

import re
from dataclasses import dataclass

LARGEST_PATCH = 500_000
"""Characters of one file's patch that GitHub shows
(https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits)."""


@dataclass(frozen=True)
class FileDiff:
    """One file of a diff.

    Attributes:
        status: GitHub's word: "added", "removed", "modified" or "renamed".
        patch: from the first @@ on; empty where there is nothing to show.
        unshown: why there is no patch, in a sentence; empty where there is one.
    """

    path: str
    status: str
    sha: str | None
    additions: int
    deletions: int
    patch: str
    previous: str | None = None
    unshown: str = ""


def read_diff(text: str) -> list[FileDiff]:
    """Read the output of `git diff --full-index`."""
    return [_file_diff(part) for part in re.split(r"^(?=diff --git )", text, flags=re.MULTILINE) if part]


def _file_diff(part: str) -> FileDiff:
    """Read one file's part of `git diff`."""
    header, marker, hunks = part.partition("\n@@ ")
    patch = f"@@ {hunks}".rstrip("\n") if marker else ""
    names = header.split("\n", 1)[0].removeprefix("diff --git ")
    moved = re.search(r"^rename from (?P<old>.+)\nrename to (?P<new>.+)$", header, re.MULTILINE)
    shas = re.search(r"^index ([0-9a-f]+)\.\.([0-9a-f]+)", header, re.MULTILINE)
    status = "modified"
    if moved:
        status = "renamed"
    elif "\nnew file mode" in header:
        status = "added"
    elif "\ndeleted file mode" in header:
        status = "removed"
    # Of a patch that is not shown, too.
    additions, deletions = patch.count("\n+"), patch.count("\n-")
    unshown = ""
    if "\nBinary files " in header:
        unshown = "Binary file not shown."
    elif len(patch) > LARGEST_PATCH:
        patch, unshown = "", "Large diffs are not rendered."
    elif not patch:
        unshown = "File renamed without changes." if moved else "Empty file."
    return FileDiff(
        # Without a rename both names are the same: "a/NAME b/NAME".
        path=moved["new"] if moved else names[2 : 2 + (len(names) - 5) // 2],
        status=status,
        sha=(shas[1] if status == "removed" else shas[2]) if shas else None,
        additions=additions,
        deletions=deletions,
        patch=patch,
        previous=moved["old"] if moved else None,
        unshown=unshown,
    )
