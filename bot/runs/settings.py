"""The settings that a run goes by: read when it begins; where they are wrong, it waits until they are corrected."""

from __future__ import annotations

from typing import Any

from bot.config import REPO_CONFIG_PATH, InForce, WrongSettings, settings_in_force
from bot.runs.durable.flow import Flow
from bot.runs.journal import Journal
from bot.runs.steps.issue import IssueSteps
from bot.runs.watch import Watch
from bot.runs.world import World
from bot.sentence import sentence
from bot.values.overview import Overview
from bot.values.progress import Stage


def await_settings(
    flow: Flow, issue: IssueSteps, journal: Journal, world: World, overview: Overview
) -> tuple[Overview, InForce, Watch]:
    """Return what a run has to know first, with settings that are right, and watch from then on what people do.

    Where they are wrong, one comment says all that is wrong, and is kept up to date while people correct it. A push
    wakes the run; without a webhook, GitHub is asked from time to time.

    Args:
        overview: as it is when the run begins.

    Raises:
        UserError: the issue is not there any more.
        Ended: what a person has done to the issue meanwhile.
    """
    marker = f"settings:{flow.run_id}"
    watch = Watch(flow, issue, overview.issue, world.label)
    told: WrongSettings | None = None
    while True:
        try:
            settings = settings_in_force(overview)
        except WrongSettings as wrong:
            if told is None or wrong.faults != told.faults:
                told = wrong
                journal.show(Stage.QUEUED, sentence("waiting until `%(path)s` is corrected", path=REPO_CONFIG_PATH))
                issue.tell("wrong_settings.md.j2", marker, language=journal.language, **_shown(wrong, overview))
            with journal.idle():
                flow.wait(world.poll_seconds)
            watch.look()
            overview = issue.overview()
            continue
        if told is not None:
            issue.tell("settings_corrected.md.j2", marker, language=journal.language, path=REPO_CONFIG_PATH)
        return overview, settings, watch


def _shown(wrong: WrongSettings, overview: Overview) -> dict[str, Any]:
    """Return what the comment says."""
    return {"faults": wrong.faults, "repo": overview.repo, "site": overview.site, "path": REPO_CONFIG_PATH}
