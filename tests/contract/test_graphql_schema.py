"""The hub's GraphQL schema is a part of GitHub's: what is asked by it may be asked of GitHub, and is answered alike.

The hub checks each request and each answer against its own schema while tests run; this holds that one to GitHub's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from githubkit.exception import GraphQLFailed
from graphql import DefinitionNode, parse, print_ast, print_schema

from bot.hub.api.graphql.schema import SCHEMA
from tests.contract.conftest import NAME, OWNER, REPOSITORY, World

Definitions = Mapping[str, Any]


def definitions(text: str) -> Definitions:
    return {_name(each): each for each in parse(text, no_location=True).definitions if hasattr(each, "name")}


@pytest.fixture(scope="module")
def github(packages: Path) -> Definitions:
    return definitions((packages / "node_modules/@octokit/graphql-schema/schema.graphql").read_text())


def strays(ours: Definitions, github: Definitions) -> Iterator[str]:
    """Yield what of a schema is not in GitHub's, or is otherwise there."""
    for name, definition in ours.items():
        if name not in github or type(github[name]) is not type(definition):
            yield f"{name} is no {definition.kind} on GitHub"
            continue
        theirs = github[name]
        for part in ("interfaces", "types"):
            yield from (
                f"{name}: {each} is not among its {part}" for each in _names(definition, part) - _names(theirs, part)
            )
        yield from (f"{name}.{each} is no value" for each in _names(definition, "values") - _names(theirs, "values"))
        yield from _strays_among(name, "fields", definition, theirs)
        there = {_name(each): each for each in getattr(theirs, "fields", ())}
        for field in getattr(definition, "fields", ()):
            if hasattr(field, "arguments") and _name(field) in there:
                yield from _strays_among(f"{name}.{_name(field)}", "arguments", field, there[_name(field)])


def _strays_among(where: str, part: str, ours: Any, theirs: Any) -> Iterator[str]:
    """Yield fields or arguments that GitHub has not, or has with another type, and those that it demands."""
    there = {_name(each): each for each in getattr(theirs, part, None) or ()}
    here = {_name(each): each for each in getattr(ours, part, None) or ()}
    for name, each in here.items():
        if name not in there:
            yield f"{where}.{name} is not on GitHub"
        elif print_ast(each.type) != print_ast(there[name].type):
            yield f"{where}.{name} is {print_ast(there[name].type)} on GitHub, not {print_ast(each.type)}"
    for name in there.keys() - here.keys():
        given = there[name]
        demanded = given.kind == "input_value_definition" and given.type.kind == "non_null_type"
        if demanded and given.default_value is None:
            yield f"{where}.{name} is demanded by GitHub"


def _name(node: DefinitionNode) -> str:
    return str(node.name.value)  # type: ignore[attr-defined]


def _names(definition: Any, part: str) -> set[str]:
    return {_name(each) for each in getattr(definition, part, None) or ()}


def test_the_schema_is_a_part_of_githubs(github: Definitions) -> None:
    assert list(strays(definitions(print_schema(SCHEMA)), github)) == []


@pytest.mark.parametrize(
    ("ours", "stray"),
    [
        ("type Reposotory { id: ID! }", "Reposotory is no object_type_definition on GitHub"),
        ("input Repository { id: ID! }", "Repository is no input_object_type_definition on GitHub"),
        ("type Repository { nodeId: ID! }", "Repository.nodeId is not on GitHub"),
        ("type Repository { name: String }", "Repository.name is String! on GitHub, not String"),
        ("type Repository { issue(id: ID): Issue }", "Repository.issue.id is not on GitHub"),
        ("type Repository { issue: Issue }", "Repository.issue.number is demanded by GitHub"),
        (
            "input CreateRefInput { name: String! oid: GitObjectID! }",
            "CreateRefInput.repositoryId is demanded by GitHub",
        ),
        ("enum IssueState { DONE }", "IssueState.DONE is no value"),
        ("union StatusCheckRollupContext = Issue", "StatusCheckRollupContext: Issue is not among its types"),
    ],
)
def test_what_is_not_githubs_is_found(github: Definitions, ours: str, stray: str) -> None:
    assert stray in list(strays(definitions(ours), github))


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        ("labels { nodes { name } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("labels(first: 101) { nodes { name } }", "EXCESSIVE_PAGINATION"),
        ("timelineItems(last: 0) { nodes { __typename } }", "EXCESSIVE_PAGINATION"),
    ],
)
def test_lists_are_asked_for_with_a_bound(world: World, wanted: str, kind: str) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    with pytest.raises(GraphQLFailed) as caught:
        world.as_bot().graphql(
            f'{{ repository(owner: "{OWNER}", name: "{NAME}") {{ issue(number: 1) {{ {wanted} }} }} }}'
        )
    assert [error.type for error in caught.value.response.errors or ()] == [kind]
