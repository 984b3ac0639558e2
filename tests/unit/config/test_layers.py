"""Which settings are in force where a repository and its owner say something."""

from __future__ import annotations

import pytest

from bot.config import HouseRules, Origin, WrongSettings, settings_in_force
from bot.values.github import Issue
from bot.values.overview import Overview


def overview(
    config: str = "",
    owner_config: str = "",
    house_rules: str = "",
    owner_house_rules: str = "",
    repo: str = "acme/services",
) -> Overview:
    url = f"https://github.com/{repo}/issues/1"
    return Overview(
        base=None,
        config=config,
        owner_config=owner_config,
        house_rules=house_rules,
        owner_house_rules=owner_house_rules,
        services=(),
        issue=Issue(number=1, title="t", body="b", author="octo", state="open", url=url),
    )


def test_the_repository_counts_before_its_owner() -> None:
    texts = overview("fixes: 3\npackages: {allow: [a]}", "merge: manual\nfixes: 7\npackages: {allow: [b]}\n")
    settings = settings_in_force(texts)
    config = settings.config
    assert (config.fixes, config.merge, config.packages.allow, config.strategies) == (3, "manual", ("a",), 5)
    assert settings.origins == {
        "fixes": Origin("acme/services", 1),
        "packages": Origin("acme/services", 2),
        "merge": Origin("acme/.github", 1),
    }


def test_a_repository_can_take_back_a_limit_of_its_owner() -> None:
    settings = settings_in_force(overview("max_minutes: null", "max_minutes: 10"))
    assert settings.config.max_minutes is None
    assert settings.origins == {"max_minutes": Origin("acme/services", 1)}


def test_the_faults_of_both_files_are_named() -> None:
    with pytest.raises(WrongSettings) as refused:
        settings_in_force(overview("fixes: 11", "\nmerg: auto"))
    assert [(fault.repo, fault.line) for fault in refused.value.faults] == [("acme/services", 1), ("acme/.github", 2)]


def test_in_the_owners_own_repository_a_fault_is_named_once() -> None:
    with pytest.raises(WrongSettings) as refused:
        settings_in_force(overview("fixes: 11", "fixes: 11", repo="acme/.github"))
    assert len(refused.value.faults) == 1


@pytest.mark.parametrize(
    ("own", "owners", "taken"),
    [
        ("Use pillow.", "Use numpy.", HouseRules("acme/services", "Use pillow.")),
        ("", "Use numpy.", HouseRules("acme/.github", "Use numpy.")),
        ("\n \n", "", None),
    ],
)
def test_house_rules_are_the_repositorys_or_its_owners(own: str, owners: str, taken: HouseRules | None) -> None:
    texts = overview(house_rules=own, owner_house_rules=owners)
    assert settings_in_force(texts).house_rules == taken


def test_what_services_may_reach_is_the_repositorys_own_word() -> None:
    owners = "egress: {weather: [api.example.com]}\nfixes: 2\n"
    settings = settings_in_force(overview("", owners))
    assert (dict(settings.config.egress), settings.config.fixes) == ({}, 2)
    assert set(settings.origins) == {"fixes"}
    assert settings_in_force(overview(owners, repo="acme/.github")).config.egress == {"weather": ("api.example.com",)}
