"""Repositories, files, branches and commits, as GitHub describes them: its OpenAPI models parse every answer."""

from __future__ import annotations

import base64

import httpx

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused
from tests.contract.test_pulls import start


def test_repository_and_roles(world: World) -> None:
    github = world.as_bot()

    assert github.rest.repos.get(OWNER, NAME).parsed_data.default_branch == "main"
    roles = {
        login: github.rest.repos.get_collaborator_permission_level(OWNER, NAME, login).parsed_data.permission
        for login in ("octo", "visitor")
    }
    assert roles == {"octo": "admin", "visitor": "read"}
    assert refused(lambda: github.rest.repos.get_collaborator_permission_level(OWNER, NAME, "nobody"))[0] == 404


def test_an_old_name_leads_to_its_repository_until_another_one_takes_it(world: World) -> None:
    hub = world.hub
    repo = hub.create_repository("octo/before", {"README.md": "x\n"})

    def get(path: str) -> httpx.Response:
        return httpx.get(f"{hub.api_url}{path}")

    with hub.parts.state.lock:
        hub.parts.owning.move(repo, "octo/after")
    by_id = f"{hub.api_url}/repositories/{repo.id}"
    read = get("/repos/octo/before/issues?state=all")
    assert (read.status_code, read.headers["location"]) == (301, f"{by_id}/issues?state=all")
    assert get(f"/repositories/{repo.id}").json()["full_name"] == "octo/after"

    other = hub.create_repository("octo/before", {"README.md": "y\n"})
    assert get("/repos/octo/before").json()["id"] == other.id != repo.id
    with hub.parts.state.lock:
        hub.parts.owning.delete(other)
    # That it led elsewhere is forgotten.
    assert get("/repos/octo/before").status_code == 404


def test_contents_of_files_and_folders(world: World) -> None:
    repos = world.as_bot().rest.repos

    file = repos.get_content(OWNER, NAME, "README.md").parsed_data
    folder = repos.get_content(OWNER, NAME, "services", ref="main").parsed_data

    assert base64.b64decode(file.content) == b"# Services\n"
    assert [(item.type, item.path) for item in folder] == [("dir", "services/one")]
    assert refused(lambda: repos.get_content(OWNER, NAME, "services/none")) == (404, "Not Found")
    assert refused(lambda: repos.get_content(OWNER, NAME, "README.md", ref="nope"))[0] == 404


def test_contents_of_any_bytes(world: World) -> None:
    binary, large = bytes(range(256)), b"x" * (1024 * 1024 + 1)
    world.hub.create_repository("octo/bytes", {"binary.png": binary, "large.txt": large})
    repos = world.as_bot().rest.repos

    file = repos.get_content("octo", "bytes", "binary.png").parsed_data
    too_large = repos.get_content("octo", "bytes", "large.txt").parsed_data

    assert base64.b64decode(file.content) == binary
    assert (too_large.encoding, too_large.content, too_large.size) == ("none", "", len(large))


def test_refs_are_read_created_matched_and_deleted(world: World) -> None:
    git = world.as_bot().rest.git
    head = git.get_ref(OWNER, NAME, "heads/main").parsed_data.object_.sha

    for name in ("bot/1", "bot/2", "person"):
        assert git.create_ref(OWNER, NAME, data={"ref": f"refs/heads/{name}", "sha": head}).parsed_data.ref
    matching = git.list_matching_refs(OWNER, NAME, "heads/bot/").parsed_data
    deleted = git.delete_ref(OWNER, NAME, "heads/bot/1")

    assert [ref.ref for ref in matching] == ["refs/heads/bot/1", "refs/heads/bot/2"]
    assert deleted.status_code == 204
    assert refused(lambda: git.get_ref(OWNER, NAME, "heads/bot/1")) == (404, "Not Found")
    assert refused(lambda: git.delete_ref(OWNER, NAME, "heads/bot/1")) == (422, "Reference does not exist")
    again = {"ref": "refs/heads/bot/2", "sha": head}
    assert refused(lambda: git.create_ref(OWNER, NAME, data=again)) == (422, "Reference already exists")


def test_commits(world: World) -> None:
    github = world.as_bot()

    commit = github.rest.repos.get_commit(OWNER, NAME, "main").parsed_data
    plain = github.rest.git.get_commit(OWNER, NAME, commit.sha).parsed_data

    assert (commit.commit.message, plain.message) == ("Initial commit", "Initial commit")
    assert plain.parents == []


def test_a_branch_is_compared_with_another(world: World) -> None:
    sha = start(world, "bot/x", {"services/x/executor.py": "x = 1\n"})
    repos = world.as_bot().rest.repos

    compared = repos.compare_commits(OWNER, NAME, f"main...{sha}").parsed_data
    (commit,) = compared.commits

    assert (compared.status, compared.ahead_by, compared.behind_by, compared.total_commits) == ("ahead", 1, 0, 1)
    assert (commit.sha, commit.author.login, commit.committer.login) == (sha, "gptdeploy[bot]", "web-flow")
    assert [file.filename for file in compared.files or []] == ["services/x/executor.py"]
    assert refused(lambda: repos.compare_commits(OWNER, NAME, "main...nowhere"))[0] == 404


def test_blobs(world: World) -> None:
    git = world.as_bot().rest.git
    entries = world.hub.repository(REPOSITORY).git.entries("main") or []
    file = next(entry for entry in entries if entry.kind == "file")

    blob = git.get_blob(OWNER, NAME, file.sha).parsed_data

    assert (blob.sha, blob.size, blob.encoding) == (file.sha, file.size, "base64")
    assert len(base64.b64decode(blob.content)) == file.size
    assert refused(lambda: git.get_blob(OWNER, NAME, "0" * 40)) == (404, "Not Found")


def test_how_two_commits_lie_to_each_other(world: World) -> None:
    repos, repository = world.as_bot().rest.repos, world.hub.repository(REPOSITORY)
    first = repository.git.head("main") or ""
    newer, other = (
        repository.git.commit_tree(f"{first}^{{tree}}", [first], message, repository.owner) for message in "AB"
    )

    said = {
        name: repos.compare_commits(OWNER, NAME, f"{base}...{head}").parsed_data
        for name, base, head in (
            ("ahead", first, newer),
            ("behind", newer, first),
            ("identical", newer, newer),
            ("diverged", newer, other),
        )
    }

    assert [comparison.status for comparison in said.values()] == list(said)
    assert [(comparison.ahead_by, comparison.behind_by) for comparison in said.values()] == [
        (1, 0),
        (0, 1),
        (0, 0),
        (1, 1),
    ]
    assert [commit.sha for commit in said["ahead"].commits] == [newer]
    assert said["diverged"].merge_base_commit.sha == first
    assert refused(lambda: repos.compare_commits(OWNER, NAME, f"{first}...{'a' * 40}")) == (404, "Not Found")
