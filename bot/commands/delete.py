"""`/delete`: take the live service down, and with `files=yes` its files too."""

from __future__ import annotations

from bot.commands.operating import merged_service, operate
from bot.commands.registry import Command, Invocation, Place
from bot.errors import UserError
from bot.foreign import Plain, one_line
from bot.render import markdown, said
from bot.sentence import sentence
from bot.values.naming import service_folder
from bot.values.operation import Operation


def _delete(invocation: Invocation) -> str:
    files = invocation.options.get("files", "no")
    if files not in ("yes", "no"):
        raise UserError(
            "`files=%(given)s`: type `files=yes` if the files shall go, too. I have done nothing.", given=files
        )
    slug = merged_service(invocation)
    asked = operate(invocation, Operation.DELETE, sentence("I take `%(slug)s` down.", slug=slug), slug)
    return asked if files == "no" else f"{asked} {_remove_files(invocation, slug)}"


def _remove_files(invocation: Invocation, slug: str) -> str:
    """Open the pull request that removes a service's folder, and return the sentence that says so."""
    request, repository = invocation.request, invocation.repository
    branch = f"gptdeploy/delete-{slug}-{request.key}"
    message = Plain("Remove %s\n\nAsked for by @%s on #%s.") % (slug, request.actor, request.number)
    values = {"slug": slug, "actor": request.actor, "number": request.number}
    body = markdown("removal.md.j2", invocation.language, **values)
    title = one_line(said(sentence("Remove %(slug)s", slug=slug), invocation.language))
    pull = repository.propose_removal(service_folder(slug), branch, message, title, body)
    return said(sentence("#%(number)s removes its files.", number=pull.number), invocation.language)


COMMAND = Command(
    name="delete",
    help=sentence("Take the live service down; `/delete files=yes` also removes its files, by a pull request."),
    example="/delete",
    places=(Place.ISSUE, Place.PULL),
    options=("files",),
    action=_delete,
)
