"""A bare git repository, read and written with the git command. The embedded GitHub keeps its commits in such."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from bot.hub.git.diff import FileDiff, read_diff
from bot.hub.git.push_rules import install_hook

# Neither the machine's nor a person's git configuration may change what the hub does.
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
}
NO_COMMIT = "0" * 40
"""What stands for "no commit" in push events."""
# Nothing in the hub has to survive a power cut, and git takes twice as long where it waits for the disk.
_SETTINGS = ("-c", "core.quotePath=false", "-c", "core.fsync=none")
_SHA = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"(?![0-9a-f]{40}$)\w[\w-]*([./]\w[\w-]*)*(?<!\.lock)")
_WHOLE = re.compile(r"[0-9a-f]{40}(\.{2,3}[0-9a-f]{40})?")


class Person(Protocol):
    """Whoever a commit names as its author."""

    @property
    def login(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True)
class Committer:
    """The account GitHub itself commits with."""

    login: str = "GitHub"
    email: str = "noreply@github.com"


class GitError(Exception):
    """A git command failed; the text is what it said."""


@dataclass(frozen=True)
class Commit:
    """A commit; times are ISO 8601."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    author_email: str
    authored_at: str
    committer: str
    committer_email: str
    committed_at: str
    message: str

    @property
    def headline(self) -> str:
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True)
class Entry:
    """One entry of a folder; `kind` is "file" or "dir", `mode` is git's, 0o120000 for a link."""

    kind: str
    path: str
    sha: str
    size: int
    mode: int


def git_executable() -> str:
    """Return where git is.

    Raises:
        GitError: it is not installed.
    """
    path = shutil.which("git")
    if path is None:
        raise GitError("git is not installed")
    return path


class BareRepository:
    """One repository. Each method runs git once or a few times, and takes full shas unless it says otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._git_path = git_executable()
        self._stable = lru_cache(maxsize=512)(self.run)

    def create(self, default_branch: str) -> None:
        """Make the repository, without a commit."""
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", str(self.path))
        install_hook(self.path)

    def run(self, *arguments: str, data: bytes | None = None, accept: Collection[int] = (0,)) -> bytes:
        """Run git and return what it wrote.

        Raises:
            GitError: it ended with a code not in `accept`.
        """
        done = subprocess.run(
            [self._git_path, "--git-dir", str(self.path), *_SETTINGS, *arguments],
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            env=ENVIRONMENT,
            check=False,
        )
        if done.returncode not in accept:
            raise GitError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def _read(self, revisions: str, *arguments: str) -> bytes:
        """Run a command that only reads; remember its answer about whole shas, which never changes."""
        return (self._stable if _WHOLE.fullmatch(revisions) else self.run)(*arguments)

    def resolve(self, revision: str) -> str | None:
        """Return the commit that a branch, full ref or (short) sha names, or None."""
        if revision.startswith("-"):
            return None
        named = revision
        # Asked for most often, and starting git takes ten times as long as the two files.
        if revision == "HEAD":
            named = (self.path / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")
        if _BRANCH.fullmatch(named) and (head := self.head(named)):
            return head
        for candidate in (revision,) if _WHOLE.fullmatch(revision) else (f"refs/heads/{revision}", revision):
            sha = self.run("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}", accept=(0, 1, 128))
            if sha:
                return sha.decode().strip()
        return None

    def head(self, branch: str) -> str | None:
        """Return the head of `branch`, or None if there is no such branch."""
        # A file for each, as git writes it, unless it has packed them together; starting git takes ten times as long.
        with suppress(OSError, ValueError):
            written = (self.path / "refs/heads" / branch).read_text().strip()
            if _SHA.fullmatch(written):
                return written
        sha = self.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", accept=(0, 1, 128))
        return sha.decode().strip() or None

    def branches(self, prefix: str = "") -> dict[str, str]:
        """Return the branches that begin with `prefix`, with their heads."""
        form = "--format=%(refname:lstrip=2) %(objectname)"
        pairs = (line.split(" ", 1) for line in self.run("for-each-ref", form, "refs/heads").decode().splitlines())
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    def valid_branch(self, name: str) -> bool:
        """Whether git takes `name` for a branch."""
        return bool(name) and bool(self.run("check-ref-format", "--branch", name, accept=(0, 1, 128)))

    def set_refs(self, shas: Mapping[str, str]) -> None:
        """Point refs (full names) to commits, all of them or none."""
        self.run("update-ref", "--stdin", data="".join(f"update {ref} {sha}\n" for ref, sha in shas.items()).encode())

    def delete_ref(self, ref: str) -> None:
        self.run("update-ref", "-d", ref)

    def commit(
        self,
        branch: str,
        parent: str | None,
        message: str,
        author: Person,
        files: Mapping[str, bytes | None],
    ) -> str:
        """Put one commit on `branch`, whose head is `parent` (None: it has none), and return its sha.

        One `git fast-import`: blobs, tree, commit and ref in a single process.

        Args:
            files: the new content by path; None removes the file.

        Raises:
            GitError: a path is unusable, or the branch has moved.
        """
        if bad := [path for path in files if not _usable(path)]:
            raise GitError(f"unusable path: {bad[0]!r}")
        when = f"{int(time.time())} +0000"
        committer = Committer()
        text = message.encode()
        stream = [
            f"commit refs/heads/{branch}\nmark :1\nauthor {author.login} <{author.email}> {when}\n"
            f"committer {committer.login} <{committer.email}> {when}\ndata {len(text)}\n".encode(),
            text,
            f"\nfrom {parent}\n".encode() if parent else b"\n",
        ]
        # Removed first: a file may stand where a folder was.
        stream += [f"D {path}\n".encode() for path, content in files.items() if content is None]
        for path, content in files.items():
            if content is not None:
                stream += [f"M 100644 inline {path}\ndata {len(content)}\n".encode(), content, b"\n"]
        stream.append(b"\nget-mark :1\n")
        return self.run("fast-import", "--quiet", data=b"".join(stream)).decode().strip()

    def merged_tree(self, base: str, head: str) -> str | None:
        """Return the tree of merging `head` into `base`, or None if they conflict."""
        out = self.run("merge-tree", "--write-tree", base, head, accept=(0, 1)).decode().splitlines()
        # With conflicts the tree is followed by their list, without them it stands alone.
        return out[0] if len(out) == 1 else None

    def merge_base(self, one: str, other: str) -> str:
        """Return the newest commit that both have, or the first where they have none."""
        return self._stable("merge-base", one, other, accept=(0, 1)).decode().strip() or one

    def contains(self, head: str, commit: str) -> bool:
        """Whether `head` is `commit` or has it among its ancestors."""
        return self.merge_base(head, commit) == commit

    def commit_tree(self, tree: str, parents: Collection[str], message: str, author: Person) -> str:
        """Make a commit of `tree` on no branch and return its sha."""
        names = [part for parent in parents for part in ("-p", parent)]
        identity = {"author": author, "committer": Committer()}
        settings = [
            part
            for role, person in identity.items()
            for part in ("-c", f"{role}.name={person.login}", "-c", f"{role}.email={person.email}")
        ]
        return self.run(*settings, "commit-tree", tree, *names, "-F", "-", data=message.encode()).decode().strip()

    def log(self, revisions: str, limit: int = 100) -> list[Commit]:
        """Return the commits of a revision range (`a..b`, a sha or a branch), newest first."""
        form = "%x00".join(("%H", "%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B")) + "%x1e"
        out = self._read(revisions, "log", f"--max-count={limit}", f"--format={form}", revisions, "--").decode(
            errors="replace"
        )
        commits = []
        for record in out.split("\x1e")[:-1]:
            fields = record.lstrip("\n").split("\0")
            sha, tree, parents, author, author_email, authored_at, committer, email, committed_at, message = fields
            commits.append(
                Commit(
                    *(sha, tree, tuple(parents.split())),
                    *(author, author_email, authored_at, committer, email, committed_at),
                    message=message.rstrip("\n"),
                )
            )
        return commits

    def diff(self, base: str, head: str, *, since_fork: bool = False) -> list[FileDiff]:
        """Return what changed from `base` to `head`; with `since_fork` from their common ancestor to `head`."""
        return read_diff(self.diff_text(base, head, since_fork=since_fork))

    def diff_text(self, base: str, head: str, *, since_fork: bool = False) -> str:
        """Return the same as git writes it."""
        between = f"{base}...{head}" if since_fork else f"{base}..{head}"
        out = self._read(between, "diff", "--no-color", "--no-ext-diff", "--full-index", "-M", between, "--")
        return out.decode(errors="replace")

    def show(self, revision: str, path: str) -> bytes | None:
        """Return a file's content, or None if there is no such file."""
        try:
            return self._read(revision, "cat-file", "blob", f"{revision}:{path}")
        except GitError:
            return None

    def blob(self, sha: str) -> bytes:
        """Return the content of a blob."""
        return self._read(sha, "cat-file", "blob", sha)

    def entries(self, revision: str, path: str = "") -> list[Entry] | None:
        """Return what a folder holds, or None if there is no such folder; the root's path is empty."""
        try:
            out = self._read(revision, "ls-tree", "-l", "-z", f"{revision}:{path}")
        except GitError:
            return None
        entries = []
        for line in out.decode(errors="replace").split("\0")[:-1]:
            meta, name = line.split("\t", 1)
            mode, kind, sha, size = meta.split()
            kind = "dir" if kind == "tree" else "file"
            whole = f"{path}/{name}" if path else name
            entries.append(Entry(kind, whole, sha, 0 if size == "-" else int(size), int(mode, 8)))
        return entries


def _usable(path: str) -> bool:
    """Whether a path names a file inside the repository and needs no quoting for fast-import."""
    parts = path.split("/")
    return not re.search(r'[\n\0"\\]', path) and all(part not in ("", ".", "..", ".git") for part in parts)
