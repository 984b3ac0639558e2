"""What a command is, and the registry of all commands, from which `/help` and the documentation are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from bot.config import OperatorSetting
from bot.foreign import Markdown, Plain
from bot.render import markdown
from bot.runs import Runs
from bot.sentence import Sentence
from bot.values.command import CommandRequest
from bot.values.github import Issue, Pull, WorkflowRun
from bot.values.overview import Overview


class Place(StrEnum):
    """Where a command can be typed."""

    ISSUE = "issue"
    PULL = "pull request"


class Repository(Protocol):
    """What commands need of `bot.clients.github.Repository`."""

    def react(self, content: str, *, issue: int | None = None, comment: int | None = None) -> None: ...

    def permission(self, login: str) -> Literal["admin", "write", "read", "none"]: ...

    def issue(self, n: int, /) -> Issue: ...

    def comment_text(self, number: int, marker: str) -> str | None: ...

    def overview(self, n: int, /) -> Overview: ...

    def pull(self, n: int, /) -> Pull: ...

    def branches(self, prefix: str, /) -> list[str]: ...

    def find_pull(self, branch: str, /) -> Pull | None: ...

    def is_own(self, sha: str, /) -> bool: ...

    def workflow_run(self, workflow_file: str, head_sha: str, /) -> WorkflowRun | None: ...

    def default_branch(self) -> str: ...

    def services(self, ref: str, /) -> list[str]: ...

    def folder(self, path: str, ref: str, /) -> dict[str, str]: ...

    def dispatch(self, workflow_file: str, ref: str, inputs: Mapping[str, str], /) -> None: ...

    def call_off(self, number: int, /) -> None: ...

    def propose_removal(self, path: str, branch: str, message: Plain, title: Plain, body: Markdown) -> Pull: ...

    def upsert_comment(self, number: int, marker: str, body: Markdown) -> str: ...


@dataclass(frozen=True)
class Invocation:
    """A command as somebody typed it, with everything that its action may use.

    Attributes:
        label: what makes an issue a request for a service.
        delivery: identifies the command; a run that it starts has the same id each time the command is carried out.
        later: the deliveries of the commands that follow in the comment.
        options: values by name, typed after the command as `name=value`.
        words: what was typed after them, for a command that takes words; it may have several lines.
        told: the operator's settings that people may know.
        access: of who has typed it, where that is known already.
        language: of the issue, as BCP 47 has it; "" where it is not known.
    """

    request: CommandRequest
    repository: Repository
    runs: Runs
    registry: Registry
    label: str
    delivery: str
    later: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    told: tuple[OperatorSetting, ...] = ()
    access: str = ""
    language: str = ""

    def says(self, template: str, **values: Any) -> Markdown:
        """Return what one of the templates of commands says, in the language of the issue."""
        return markdown(f"commands/{template}.md.j2", self.language, **values).strip()


@dataclass(frozen=True)
class Command:
    """A command; it must say what it does, how it is typed, where and by whom.

    Attributes:
        name: what follows the slash.
        help: one sentence (Markdown) on what it does.
        example: a line as people type it.
        places: where it can be typed; at least one.
        anyone: whether people without write access may use it.
        free: whether they may do so in this case.
        options: names of the options it takes as `name=value`.
        word: the one of them whose value may stand alone, or "".
        words: whether it takes words after them, up to the end of the comment or the next command.
        action: carries it out and returns the reply's Markdown; a `UserError` is a reply as well.
    """

    name: str
    help: Sentence
    example: str
    places: tuple[Place, ...]
    action: Callable[[Invocation], str]
    anyone: bool = False
    free: Callable[[Invocation], bool] = lambda _: False
    options: tuple[str, ...] = ()
    word: str = ""
    words: bool = False

    def __post_init__(self) -> None:
        if not str(self.help).strip():
            raise ValueError(f"/{self.name} has no help text")
        if self.example.split()[:1] != [f"/{self.name}"]:
            raise ValueError(f"/{self.name} has no example that starts with it")
        if not self.places:
            raise ValueError(f"/{self.name} can be typed nowhere")
        if self.word and self.word not in self.options:
            raise ValueError(f"/{self.name} has no option {self.word}")


class Registry:
    """The commands there are, in the order in which people read them."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self._commands: dict[str, Command] = {}
        for command in commands:
            if command.name in self._commands:
                raise ValueError(f"/{command.name} is defined twice")
            self._commands[command.name] = command

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __contains__(self, name: str) -> bool:
        return name in self._commands

    def __getitem__(self, name: str) -> Command:
        return self._commands[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._commands)

    def table(self, language: str = "") -> Markdown:
        """Return all commands as a table."""
        return markdown("commands/table.md.j2", language, commands=list(self), everywhere=len(Place)).strip()
