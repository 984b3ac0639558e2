"""The hub's bare repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.hub.git import BareRepository, Committer, Entry, GitError

OCTO = Committer("octo", "octo@example.com")


@pytest.fixture
def repository(tmp_path: Path) -> BareRepository:
    repository = BareRepository(tmp_path / "r.git")
    repository.create("main")
    repository.commit("main", None, "First\n\nWith a body\n", OCTO, {"a": b"1\n", "folder/b c.txt": b"2\n"})
    return repository


def head(repository: BareRepository, branch: str = "main") -> str:
    sha = repository.head(branch)
    assert sha is not None
    return sha


def test_commit_names_author_and_committer(repository: BareRepository) -> None:
    (commit,) = repository.log("main")

    assert (commit.author, commit.author_email, commit.committer) == ("octo", "octo@example.com", "GitHub")
    assert (commit.message, commit.headline, commit.parents) == ("First\n\nWith a body", "First", ())


def test_diff_names_every_kind_of_change(repository: BareRepository) -> None:
    base = head(repository)
    source = b"".join(b"line %d\n" % n for n in range(20))
    before = repository.commit("main", base, "Second", OCTO, {"old": source, "binary": b"\0\1", "ünï": b"x\n"})
    after = repository.commit(
        "main", before, "Third", OCTO, {"new name": source, "a": b"1\n2\n", "old": None, "ünï": None}
    )

    diff = {file.path: file for file in repository.diff(before, after)}
    (binary,) = [file for file in repository.diff(base, before) if file.path == "binary"]

    assert {path: file.status for path, file in diff.items()} == {
        "a": "modified",
        "new name": "renamed",
        "ünï": "removed",
    }
    assert (diff["a"].additions, diff["a"].deletions, diff["a"].patch) == (1, 0, "@@ -1 +1,2 @@\n 1\n+2")
    assert diff["new name"].previous == "old"
    assert (binary.status, binary.patch) == ("added", "")


def test_merge_and_conflict(repository: BareRepository) -> None:
    base = head(repository)
    ours = repository.commit("main", base, "Ours", OCTO, {"a": b"ours\n"})
    repository.set_refs({"refs/heads/theirs": base, "refs/heads/apart": base})
    theirs = repository.commit("theirs", base, "Theirs", OCTO, {"a": b"theirs\n"})
    apart = repository.commit("apart", base, "Apart", OCTO, {"b": b"apart\n"})

    tree = repository.merged_tree(ours, apart)
    assert repository.merged_tree(ours, theirs) is None
    assert tree is not None
    merge = repository.commit_tree(tree, [ours, apart], "Merge", OCTO)
    assert repository.log(merge, 1)[0].parents == (ours, apart)
    assert repository.show(merge, "b") == b"apart\n"


def test_folders_and_files(repository: BareRepository) -> None:
    entries = repository.entries("main", "folder")

    assert entries is not None
    assert [(entry.kind, entry.path, entry.size) for entry in entries] == [("file", "folder/b c.txt", 2)]
    assert isinstance((repository.entries("main") or [])[0], Entry)
    assert repository.entries("main", "none") is None
    assert repository.show("main", "folder") is None
    assert repository.show("main", "a") == b"1\n"


def test_branches_and_revisions(repository: BareRepository) -> None:
    sha = head(repository)
    repository.set_refs({"refs/heads/bot/1": sha, "refs/heads/other": sha})

    assert repository.branches("bot/") == {"bot/1": sha}
    assert repository.resolve("bot/1") == repository.resolve(sha[:8]) == repository.resolve("refs/heads/other") == sha
    assert repository.resolve("HEAD") == repository.resolve("main") == sha
    later = repository.commit("main", sha, "Later", OCTO, {"later": b"x"})
    assert [repository.resolve(name) for name in ("HEAD", "main", "main~1", "bot/1")] == [later, later, sha, sha]
    assert [repository.resolve(name) for name in ("main/", "./main", "../heads/main", "main:a", "bot")] == [None] * 5
    repository.set_refs({f"refs/heads/{sha}": later})
    assert repository.resolve(sha) == sha
    assert repository.resolve("--help") is None
    assert repository.resolve("0" * 40) is None
    assert [repository.valid_branch(name) for name in ("a/b-1", "a..b", "", "-x", "a b")] == [True, *[False] * 4]
    repository.delete_ref("refs/heads/other")
    assert repository.head("other") is None


@pytest.mark.parametrize("path", ["/abs", "a//b", "../x", "a/../b", ".git/config", 'quo"te', "new\nline", ""])
def test_unusable_paths_are_refused(repository: BareRepository, path: str) -> None:
    before = head(repository)

    with pytest.raises(GitError, match="unusable path"):
        repository.commit("main", before, "x", OCTO, {path: b"x"})

    assert head(repository) == before


def test_commit_on_a_branch_that_has_moved_is_refused(repository: BareRepository) -> None:
    base = head(repository)
    repository.commit("main", base, "Second", OCTO, {"a": b"2\n"})

    with pytest.raises(GitError):
        repository.commit("main", base, "Late", OCTO, {"a": b"3\n"})

    assert repository.log("main")[0].message == "Second"
