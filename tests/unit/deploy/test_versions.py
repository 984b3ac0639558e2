"""Which versions are remembered, and which of them a person means."""

from __future__ import annotations

import pytest

from bot.deploy.description import Description
from bot.deploy.layout import SLUG_LABEL
from bot.deploy.versions import KEPT, VERSIONS_LABEL, History, first, history_of
from bot.errors import UserError
from tests.unit.deploy.described import DESCRIBED

DESCRIPTION = Description.model_validate(DESCRIBED)


def image(number: int) -> str:
    return f"registry/qr-code@sha256:{number:064x}"


def commit(number: int) -> str:
    return f"{number:x}" * 40


def after(count: int) -> History:
    """Return the history after `count` deployments."""
    history = first(DESCRIPTION, image(1), commit(1))
    for number in range(2, count + 1):
        history = history.deployed(DESCRIPTION, image(number), commit(number))
    return history


def rolled_back(history: History, wanted: str = "") -> History:
    return history.rolled_back(history.find(wanted))


def test_versions_are_counted() -> None:
    assert [version.number for version in after(3).versions] == [1, 2, 3]
    assert str(after(3).current) == "version 3 (3333333)"


def test_a_rollback_goes_one_step_further_each_time() -> None:
    history = rolled_back(after(3))
    assert history.live == 2
    assert rolled_back(history).live == 1
    with pytest.raises(
        UserError, match=r"Nothing that I remember ran before version 1 .*There is version 3 .*, version 2"
    ):
        rolled_back(rolled_back(history)).find("")


def test_what_a_rollback_has_left_did_not_run_before_the_next_version() -> None:
    """Version 3 was bad, 4 is built on it: what ran well before is 2."""
    history = rolled_back(after(3)).deployed(DESCRIPTION, image(4), commit(4))
    assert history.live == 4
    assert rolled_back(history).live == 2


def test_a_rollback_is_taken_back_by_naming_the_version() -> None:
    history = rolled_back(rolled_back(after(3)), "3")
    assert history.live == 3
    assert not history.current.left
    # It went forward from 2, so 2 counts again as what ran before.
    assert rolled_back(history).live == 2


def test_the_same_commit_in_the_same_image_is_the_same_version() -> None:
    history = after(3).deployed(DESCRIPTION, image(3), commit(3))
    assert [version.number for version in history.versions] == [1, 2, 3]
    # A revert may build an image that was live before; what ran before it is the version that it reverts.
    reverted = history.deployed(DESCRIPTION, image(2), commit(4))
    assert (reverted.live, rolled_back(reverted).live) == (4, 3)


def test_the_oldest_versions_are_forgotten_and_never_the_live_one() -> None:
    history = after(KEPT + 3)
    assert [version.number for version in history.versions] == list(range(4, KEPT + 4))
    back = rolled_back(history, "4")
    newer = back.deployed(DESCRIPTION, image(30), commit(14))
    assert len(newer.versions) == KEPT
    assert newer.current.image == image(30)
    # What ran before is 4, whatever was deployed and left between.
    assert rolled_back(newer).live == 4


@pytest.mark.parametrize("wanted", ["2", "v2", "22222", "2" * 40])
def test_a_version_is_named_by_number_or_commit(wanted: str) -> None:
    assert after(3).find(wanted).number == 2


def test_a_version_is_named_by_digest() -> None:
    assert after(3).find("0" * 63 + "1").number == 1


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("9", "I remember no version `9`. There is version 2 (2222222), version 1 (1111111)."),
        ("abc", "I remember no version `abc`. There is version 2 (2222222), version 1 (1111111)."),
        ("3", "Version 3 is live already. There is version 2 (2222222), version 1 (1111111)."),
    ],
)
def test_what_is_no_version_is_answered_with_those_there_are(wanted: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        after(3).find(wanted)
    assert str(error.value) == words


def test_the_only_version() -> None:
    with pytest.raises(UserError) as error:
        after(1).find("")
    assert str(error.value) == "Nothing that I remember ran before version 1 (1111111). It is the only one."


def service(labels: dict[str, str]) -> dict[str, object]:
    template = {"ContainerSpec": {"Image": image(1)}}
    return {"Spec": {"Labels": labels, "TaskTemplate": template}, "UpdatedAt": "2026-01-02T03:04:05.678Z"}


def test_the_label_holds_it() -> None:
    history = rolled_back(after(3))
    assert history_of(service({SLUG_LABEL: "qr-code", VERSIONS_LABEL: history.to_label()})) == history


def test_what_was_deployed_before_versions_were_remembered_is_version_1() -> None:
    history = history_of(service({SLUG_LABEL: "qr-code"}))
    assert (str(history.current), history.current.image, history.current.title) == ("version 1", image(1), "qr-code")
    newer = history.deployed(DESCRIPTION, image(2), commit(2))
    assert rolled_back(newer).current.image == image(1)
