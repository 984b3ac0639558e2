"""The sentences that stand in the code, marked for the catalogues, and those that are not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"
MARKS = {"sentence": 1, "counted": 2, "UserError": 1, "ForeignInterface": 1}
"""What says its first text, or texts, in the language of who reads it."""
APART = (
    *("__main__.py", "init.py", "worker.py", "logs.py", "hub", "demo", "setup", "terminal", "web"),
    *("deploy/command.py", "deploy/containers.py", "deploy/catalogue.py", "deploy/layout.py", "deploy/options.py"),
    *("deploy/certificate.py", "deploy/ingress.py"),
    *("deploy/service_command.py", "deploy/swarm.py", "clients/github/sign_in.py"),
    *("config/settings.py", "deploy/networks.py", "deploy/own_registry.py", "deploy/pull_credentials.py"),
    "deploy/pulling.py",
    *("deploy/connection.py", "deploy/engine_swarm.py", "deploy/machines.py", "deploy/member_command.py"),
    *(
        f"runs/durable/{name}.py"
        for name in ("postgres", "readiness", "recorded", "server_fault", "server_slot", "slots", "sqlite")
    ),
    "runs/durable/worker.py",
)
"""What speaks in English, to operators: on a terminal, in a log, on a page."""
SPEAKING = ("commands", "deploy", "runs")
HEADINGS = "runs/ideas.py"
"""What people write in their languages, for the bot to recognise."""
NOT_SAID = {
    "Remove %s\n\nAsked for by @%s on #%s.",  # a commit message
    "not in the list of allowed values",  # what GitHub says
    "0 in the title",  # the name of a key
    "0 has asked for more than I answer in an hour",  # in a log
    "set aside for #0",
    "GitHub has no log of this job. How its steps ended:",  # in place of a log
    "0: failed, and GitHub has no log of it",
    "State the facts",  # a step of a workflow
    "not in a lane",  # bugs, and what the engine says
    "out of sequence",
    "signalled the run of #0",  # in a log
    "The run ended as 0 and no job of it failed.",  # in place of a log
    "the run ended as 0",
    "It died of: 0.",  # to the model
    "This did not help: 0",
}
"""What looks like a sentence and is none to people, or stands for what is in English wherever it comes from."""
UNREAD = (
    "step",
    "run_step",
    "warning",
    "error",
    "info",
    "exception",
    "debug",
    "ValueError",
    "RuntimeError",
    "TransientError",
    "NewCommit",
    "compile",
)
"""What is called with a text that is in a log, a commit, or nowhere."""
WORDS = re.compile(r"[A-Za-z][a-z']+(?: [a-z][a-z']*){2,}")
"""Three words after each other: somebody is told something."""


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    """Return what speaks to people on GitHub: each a path below `bot/`, and the code."""
    files = [(file.relative_to(BOT).as_posix(), file) for file in sorted(BOT.rglob("*.py"))]
    return tuple(
        (path, ast.parse(file.read_text()))
        for path, file in files
        if path not in APART and path.partition("/")[0] not in APART
    )


@cache
def in_python() -> list[tuple[str, ...]]:
    """Return the sentences that are marked in the code, each with its plural where it has one."""
    return [
        tuple(str(text.value) for text in texts if isinstance(text, ast.Constant))
        for _, _, texts in _marked()
        if all(isinstance(text, ast.Constant) for text in texts)
    ]


def glued() -> Iterator[str]:
    """Yield where a text is put together in the code, so that no catalogue can have it."""
    for path, call, texts in _marked():
        if any(isinstance(part, ast.JoinedStr | ast.BinOp) for text in texts for part in ast.walk(text)):
            yield f"{path}, line {call.lineno}"


def unmarked() -> Iterator[str]:
    """Yield the sentences that people may get to read, and that are not marked.

    Apart from what the model is told, that is all of the commands, the runs and the deployer.
    """
    for path, tree in modules():
        if path.partition("/")[0] in SPEAKING and path != HEADINGS:
            for line, text in _prose(tree):
                if WORDS.search(text) and text not in NOT_SAID:
                    yield f"{path}, line {line}: {text}"


def _prose(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the texts in code, without those that nobody reads on GitHub."""
    match node:
        case ast.Call() if _name(node) in (*MARKS, *UNREAD):
            parts: list[ast.AST] = [*node.args[MARKS.get(_name(node), len(node.args)) :], *node.keywords]
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Constant(value=str(text)):
            yield node.lineno, text
            return
        case ast.JoinedStr():
            texts = [str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values]
            yield node.lineno, "".join(texts)
            return
        case _:
            parts = list(ast.iter_child_nodes(node))
    for part in parts:
        yield from _prose(part)


def _marked() -> Iterator[tuple[str, ast.Call, list[ast.expr]]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and (count := MARKS.get(_name(node))):
                yield path, node, node.args[:count]


def _name(call: ast.Call) -> str:
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
