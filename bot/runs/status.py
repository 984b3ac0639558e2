"""The status comment of an issue: everything that its run tells people, drawn from the progress alone."""

from __future__ import annotations

from bot.foreign import Markdown
from bot.render import comment
from bot.runs.history import past, together
from bot.runs.timeline import timeline
from bot.values.naming import status_marker
from bot.values.progress import Progress


def status_comment(progress: Progress) -> Markdown:
    """Return the status comment as it is on GitHub."""
    runs = (*progress.earlier, past(progress))
    return comment(
        "status.md.j2",
        status_marker(progress.issue),
        data=progress.hidden(),
        language=progress.language,
        progress=progress,
        runs=runs,
        total=together(runs),
        timeline=timeline(progress),
    )
