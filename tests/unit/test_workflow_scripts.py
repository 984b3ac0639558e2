"""The scripts in the workflow files that find services, run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.workflow_files import BUILD, DEPLOY
from tests.unit.workflow_scripts import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


TAKE = "Take the pull request's folder"
PUSH = {"GITHUB_EVENT_NAME": "push", "BEFORE": "0" * 40}


@pytest.mark.parametrize(("name", "environment"), [(BUILD, {}), (DEPLOY, PUSH)])
def test_the_services_a_commit_changes_are_found(checkout: Checkout, name: str, environment: dict[str, str]) -> None:
    checkout.commit({"services/old/x.py": "1", "services/gone/x.py": "1", "services/same/x.py": "1"})
    checkout.commit(
        {
            **{"services/old/x.py": "2", "services/gone/x.py": None, 'services/new-1/a/ä "b".txt': "1"},
            **{"services/README.md": "not a service", "other/services/no/x.py": "1"},
        }
    )

    assert checkout.find(name, **environment) == ["new-1", "old"]


@pytest.mark.parametrize("folder", ["Upper", "-rf", "a b", "$(touch x)", "a" * 41])
def test_a_build_refuses_folders_that_are_no_valid_names(checkout: Checkout, folder: str) -> None:
    checkout.commit({f"services/{folder}/x.py": "1", "services/good/x.py": "1"})

    assert checkout.find(BUILD) is None


def test_a_build_does_not_follow_links_out_of_the_folder(checkout: Checkout) -> None:
    (checkout.folder / "services").mkdir()
    checkout.commit({"services/good/x.py": "1"})
    (checkout.folder / "services/link").symlink_to("/etc")
    checkout.commit({"services/good/x.py": "2"})

    assert checkout.find(BUILD) == ["good"]


def test_a_push_of_several_commits_deploys_what_all_of_them_change(checkout: Checkout) -> None:
    before = checkout.git("rev-parse", "HEAD")
    checkout.commit({"services/one/x.py": "1"})
    checkout.commit({"services/two/x.py": "1"})

    assert checkout.find(DEPLOY, GITHUB_EVENT_NAME="push", BEFORE=before) == ["one", "two"]
    assert checkout.find(DEPLOY, **PUSH) == ["two"]


def test_a_first_push_deploys_everything(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.commit({"services/one/x.py": "1"})
    checkout.git("update-ref", "HEAD", checkout.git("commit-tree", "HEAD^{tree}", "-m", "only"))

    assert checkout.find(DEPLOY, **PUSH) == ["one"]


@pytest.mark.parametrize(
    ("asked", "found"), [("one", ["one"]), ("two", None), ("../one", None), ("one; true", None), ("", None)]
)
def test_by_hand_the_service_asked_for_is_deployed(checkout: Checkout, asked: str, found: list[str] | None) -> None:
    checkout.commit({"services/one/x.py": "1"})
    checkout.commit({"README.md": "newer"})

    assert checkout.find(DEPLOY, GITHUB_EVENT_NAME="workflow_dispatch", SERVICE=asked) == found


def test_a_folder_that_a_push_removes_is_taken_down(checkout: Checkout) -> None:
    checkout.commit({"services/gone/x.py": "1", "services/Upper/x.py": "1", "services/stays/x.py": "1"})
    before = checkout.commit({"services/moved/x.py": "1"})
    checkout.commit({"services/gone/x.py": None, "services/Upper/x.py": None, "services/moved/x.py": None})
    checkout.commit({"services/stays/x.py": "2", "services/moved/x.py": "1"})

    found = checkout.outputs(DEPLOY, GITHUB_EVENT_NAME="push", BEFORE=before)
    assert found == {"services": "stays", "removed": "gone"}


def test_a_preview_takes_the_folder_of_the_pull_request_and_nothing_else(checkout: Checkout) -> None:
    checkout.commit({"services/qr/x.py": "live", "services/qr/old.py": "live", "services/other/x.py": "live"})
    checkout.git("checkout", "--quiet", "-b", "gptdeploy/7-0123abcd/1-x")
    changed = {"services/qr/x.py": "new", "services/other/x.py": "new", ".gitattributes": "* -text"}
    (checkout.folder / "services/qr/old.py").unlink()
    sha = checkout.commit({**changed})
    checkout.git("checkout", "--quiet", "main")

    asked = {"GITHUB_EVENT_NAME": "workflow_dispatch", "OPERATION": "preview", "SERVICE": "qr", "PULL": "12"}
    assert checkout.outputs(DEPLOY, **asked, ARGUMENT=sha) == {"services": "qr", "commit": sha}
    assert checkout.outputs(DEPLOY, TAKE, SERVICE="qr", COMMIT=sha) == {}
    files = {path.name: path.read_text() for path in (checkout.folder / "services/qr").iterdir()}
    assert files == {"x.py": "new"}
    assert (checkout.folder / "services/other/x.py").read_text() == "live"
    assert not (checkout.folder / ".gitattributes").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"SERVICE": ""},
        {"SERVICE": "none"},
        {"SERVICE": "../.github"},
        {"SERVICE": "link"},
        {"SERVICE": "linked"},
        {"ARGUMENT": ""},
        {"ARGUMENT": "a" * 40},
        {"ARGUMENT": "main"},
        {"PULL": ""},
        {"PULL": "12 --image x"},
    ],
    ids=str,
)
def test_a_preview_of_something_else_is_refused(checkout: Checkout, wrong: dict[str, str]) -> None:
    (checkout.folder / "services/linked").mkdir(parents=True)
    (checkout.folder / "services/linked/service.json").symlink_to("/etc/hostname")
    (checkout.folder / "services/link").symlink_to("qr")
    sha = checkout.commit({"services/qr/x.py": "1"})

    asked = {"GITHUB_EVENT_NAME": "workflow_dispatch", "OPERATION": "preview", "SERVICE": "qr", "PULL": "12"}

    def taken(asked: dict[str, str]) -> dict[str, str] | None:
        found = checkout.outputs(DEPLOY, **asked)
        return found and checkout.outputs(DEPLOY, TAKE, SERVICE=found["services"], COMMIT=found["commit"])

    assert taken({**asked, "ARGUMENT": sha}) == {}
    assert taken({**asked, "ARGUMENT": sha, **wrong}) is None
