"""What a run has to know before it begins, in one request: its issue, the repository, and its owner's defaults.

The owner's repository `.github` is another one. Every token may read it where it is public, as it has to be for
GitHub's own default files; elsewhere GitHub answers without it. A private one takes a token of its own, which there is
where the App is installed on it.

https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions/creating-a-default-community-health-file
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.init import outdated
from bot.values.edits import Edit
from bot.values.github import Issue
from bot.values.naming import BUILD_WORKFLOW, DEPLOY_WORKFLOW
from bot.values.overview import Base, Overview

OVERVIEW = """
query Overview(
  $owner: String!, $name: String!, $issue: Int!, $defaults: String!
  $config: String!, $rules: String!, $services: String!, $build: String!, $deploy: String!
) {
  defaults: repository(owner: $owner, name: $defaults) {
    config: object(expression: $config) { ... on Blob { text } }
    rules: object(expression: $rules) { ... on Blob { text } }
  }
  repository(owner: $owner, name: $name) {
    id databaseId
    defaultBranchRef { name target { oid } }
    config: object(expression: $config) { ... on Blob { text } }
    rules: object(expression: $rules) { ... on Blob { text } }
    build: object(expression: $build) { ... on Blob { text } }
    deploy: object(expression: $deploy) { ... on Blob { text } }
    services: object(expression: $services) { ... on Tree { entries { name type } } }
    pullRequests(states: [OPEN]) { totalCount }
    issue(number: $issue) {
      number title body state locked url author { __typename login } labels(first: 100) { nodes { name } }
      comments { totalCount }
      lastEditedAt editor { __typename login }
      timelineItems(last: 1, itemTypes: [RENAMED_TITLE_EVENT]) {
        nodes { ... on RenamedTitleEvent { createdAt actor { __typename login } } }
      }
    }
  }
}
"""

DEFAULTS = """
query Defaults($owner: String!, $name: String!, $config: String!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    config: object(expression: $config) { ... on Blob { text } }
    rules: object(expression: $rules) { ... on Blob { text } }
  }
}
"""


def read_overview(answer: dict[str, Any]) -> Overview:
    """Return what GitHub's answer to `OVERVIEW` says."""
    repository, defaults = answer["repository"], answer["defaults"] or {"config": None, "rules": None}
    return Overview(
        base=read_base(repository),
        config=_text(repository["config"]),
        house_rules=_text(repository["rules"]),
        owner_config=_text(defaults["config"]),
        owner_house_rules=_text(defaults["rules"]),
        owner_seen=answer["defaults"] is not None,
        services=tuple(sorted(entry["name"] for entry in entries(repository["services"]) if entry["type"] == "tree")),
        open_pulls=repository["pullRequests"]["totalCount"],
        outdated=outdated({BUILD_WORKFLOW: _text(repository["build"]), DEPLOY_WORKFLOW: _text(repository["deploy"])}),
        issue=_issue(repository["issue"]),
    )


def read_base(repository: dict[str, Any]) -> Base | None:
    """Return what a new branch begins at, from GitHub's answer about a repository; None in an empty one."""
    ref = repository["defaultBranchRef"]
    return ref and Base(repository=repository["id"], branch=ref["name"], sha=ref["target"]["oid"])


def entries(tree: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the entries of a tree; [] for an object that is no tree."""
    return (tree or {}).get("entries") or []


def _text(blob: dict[str, Any] | None) -> str:
    """Return the text of a file; "" where there is none."""
    return (blob or {}).get("text") or ""


def _issue(node: dict[str, Any]) -> Issue:
    return Issue(
        number=node["number"],
        title=node["title"],
        body=node["body"],
        author=read_login(node["author"]),
        state=node["state"].lower(),
        locked=node["locked"],
        labels=tuple(label["name"] for label in node["labels"]["nodes"]),
        url=node["url"],
        edits=tuple(_edits(node)),
    )


def _edits(node: dict[str, Any]) -> Iterator[Edit]:
    """Yield the last change of an issue's text and the last one of its title, where there were any."""
    if at := node.get("lastEditedAt"):
        yield Edit(by=read_login(node.get("editor")), at=at)
    for rename in (node.get("timelineItems") or {}).get("nodes") or ():
        yield Edit(by=read_login(rename["actor"]), at=rename["createdAt"])


def read_login(actor: dict[str, Any] | None) -> str:
    """Return a login as REST and webhooks write it: GraphQL leaves out the "[bot]" behind an App's."""
    actor = actor or {"__typename": "User", "login": "ghost"}
    return f"{actor['login']}{'[bot]' if actor['__typename'] == 'Bot' else ''}"
