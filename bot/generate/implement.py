"""From a strategy to the files of a service."""

from __future__ import annotations

from bot.clients.llm import Model, Refused
from bot.clients.packages import Packages
from bot.generate import skeleton
from bot.generate.assemble import assemble
from bot.generate.prompt import about, conversation
from bot.generate.reply import read_files
from bot.models import Service, Spec, Strategy, Usage

_ALWAYS = ("executor.py", "test_executor.py", "example.json")


def implement(model: Model, packages: Packages, spec: Spec, strategy: Strategy) -> tuple[Service, Usage]:
    """Write the service as `strategy` says: checked, and its requirements pinned.

    Raises:
        ModelError: the model gave no files that pass the checks.
        TransientError: the package index does not answer.
    """

    def read(text: str) -> Service:
        try:
            files = read_files(text, _ALWAYS).files
            if strategy.packages and "requirements.txt" not in files:
                raise Refused("Missing: requirements.txt, with the packages the service needs; empty if it needs none.")
            return assemble(packages, spec, files, None)
        except Refused as refusal:
            # Small models mend the file that was named and leave out the others.
            raise Refused(f"{refusal}\nWrite all files again: {', '.join(_ALWAYS)}, requirements.txt.") from refusal

    messages = conversation("implement.md.j2", **about(spec), strategy=strategy, example=skeleton.example(spec))
    return model.files("implement", messages, read)
