"""A settings file with faults: every one with its line and with what to write instead."""

from __future__ import annotations

import pytest

from bot.config import read_settings

ALL = (
    "`strategies`, `parallel`, `fixes`, `plan`, `merge`, `reviewers`, `clarify`, `preflight`, `packages`, "
    "`egress`, `budget_usd`, "
    "`max_tokens`, `max_minutes`, `start_minutes`, `build_minutes`, `deploy_minutes`"
)


def faults(text: str) -> list[tuple[int, str]]:
    return [(fault.line, str(fault.text)) for fault in read_settings("octo/services", text).faults]


def test_all_faults_are_named_at_once_in_the_order_of_the_lines() -> None:
    text = "# ours\nfixes: 11\nfixs: 1\n\nmerge: later\npackages:\n  alow: [segno]\nmax_minutes: none\n"
    assert faults(text) == [
        (2, "`fixes` must be a whole number from 0 to 10."),
        (3, "there is no setting `fixs`. Did you mean `fixes`?"),
        (5, "`merge` must be `auto`, `review` or `manual`."),
        (7, "there is no setting `packages.alow`. Did you mean `allow`?"),
        (8, "`max_minutes` must be a number greater than 0 or `null`."),
    ]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("colour: red", 1, f"there is no setting `colour`. There are {ALL}."),
        ("on: 1", 1, f"there is no setting `on`. There are {ALL}."),
        ("fixes: '3'", 1, "`fixes` must be a whole number from 0 to 10."),
        ("\nstrategies: yes", 2, "`strategies` must be a whole number from 1 to 5."),
        ("merge:", 1, "`merge` must be `auto`, `review` or `manual`."),
        ("budget_usd: .inf", 1, "`budget_usd` must be a number greater than 0 or `null`."),
        ("budget_usd: .nan", 1, "`budget_usd` must be a number greater than 0 or `null`."),
        ("packages: segno", 1, "`packages` must be settings of its own: `allow`."),
        ("packages:\n  allow: segno", 2, "`packages.allow` must be a list, such as `[name, name]`."),
        ("packages:\n  allow:\n    - segno\n    - 3", 4, "everything in `packages.allow` must be a text."),
        ("reviewers:\n  - octo\n  - Jane Doe", 3, "everything in `reviewers` must be like `octocat`."),
        ("reviewers: ['@octo']", 1, "everything in `reviewers` must be like `octocat`."),
        ("reviewers: [acme/team]", 1, "everything in `reviewers` must be like `octocat`."),
        ("fixes: 3\nmerge: auto\nfixes: 4", 3, "`fixes` is set on line 1 already. Keep one of them."),
        ("- a", 1, "settings are expected, one `name: value` a line."),
        ("# x\njust words", 2, "settings are expected, one `name: value` a line."),
        ("fixes: 3\n---\nmerge: auto", 2, "this is not valid YAML: `but found another document`."),
        ("merge: auto\n\tfixes: 3", 2, "this is not valid YAML: `found character '\\t' that cannot start any token`."),
        ("a: &a [1]\nb: *a", 1, "anchors (`&`) and aliases (`*`) are not taken. Write the value itself."),
        ("fixes: 2026-13-99", 1, "the file cannot be read as YAML."),
        ("[" * 9_000 + "]" * 9_000, 1, "the file cannot be read as YAML."),
        ("- " * 9_000, 1, "the file cannot be read as YAML."),
        ("".join(" " * depth + "a:\n" for depth in range(150)), 1, "the file cannot be read as YAML."),
        ("max_tokens: " + "9" * 10_000, 1, "the file cannot be read as YAML."),
        ("merge: \0", 1, "the file cannot be read as YAML."),
        ("#" * 20_001, 1, "the file has 20,001 characters, and at most 20,000 are read."),
    ],
)
def test_a_fault_says_where_it_is_and_what_is_expected(text: str, line: int, said: str) -> None:
    assert faults(text) == [(line, said)]


@pytest.mark.parametrize("login", ["octo", "Jane-Doe", "7", "jane-doe_acme", "a" * 39])
def test_logins_are_taken_as_reviewers(login: str) -> None:
    assert not faults(f"reviewers: ['{login}']")


@pytest.mark.parametrize("name", ["@octo", "a|b", "<img>", "x`y", "![x](y)"])
def test_what_somebody_wrote_has_no_meaning_in_a_comment(name: str) -> None:
    ((_, said),) = faults(f'"{name}": 1')
    assert name not in said


def test_values_are_not_repeated() -> None:
    assert "secret" not in str(faults("merge: secret\nbudget_usd: secret\npackages: [secret]"))


def test_the_lines_of_what_is_set_are_known() -> None:
    file = read_settings("octo/services", "# ours\nfixes: 3\n\npackages:\n  allow: [segno]\n")
    assert file.lines == {"fixes": 2, "packages": 4}
    assert file.values == {"fixes": 3, "packages": {"allow": ["segno"]}}
