"""`/help settings`: each setting in force, and where it comes from."""

from __future__ import annotations

from bot.commands.answer import Addressee, carry_out
from bot.config import OperatorSetting, RepoConfig
from tests.fakes.runs import FakeRuns
from tests.unit.commands.conftest import FakeRepository, comment

FILE = "https://github.com/octo/services/blob/HEAD/.github/microservice"
OWNERS = "https://github.com/octo/.github/blob/HEAD/.github/microservice"


def test_every_setting_is_shown_with_its_origin(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.settings = {
        "config": "fixes: 3\npackages: {allow: ['a|`b']}\n",
        "owner_config": "\nmerge: manual\nfixes: 9\n",
        "house_rules": "x" * 2_001,
        "owner_seen": True,
    }
    told = (
        OperatorSetting(name="OPENAI_MODEL", value="gpt-5", given=True),
        OperatorSetting(name="GPTDEPLOY_LABEL", value="microservice", given=False),
    )
    assert (
        carry_out(comment("/help settings", actor="stranger"), repository, runs, Addressee(told=told))
        == f"""\
The settings in force in this repository:

| Setting | Value | From |
| --- | --- | --- |
| `strategies` | `5` | default |
| `parallel` | `1` | default |
| `fixes` | `3` | [`.github/microservice.yml`, line 1]({FILE}.yml#L1) |
| `plan` | `auto` | default |
| `merge` | `manual` | [`.github/microservice.yml` of `octo/.github`, line 2]({OWNERS}.yml#L2) |
| `reviewers` | `[]` | default |
| `clarify` | `ask` | default |
| `preflight` | `static` | default |
| `packages` | `{{"allow": ["a??b"]}}` | [`.github/microservice.yml`, line 2]({FILE}.yml#L2) |
| `egress` | `{{}}` | default |
| `budget_usd` | none | default |
| `max_tokens` | none | default |
| `max_minutes` | none | default |
| `start_minutes` | `5` | default |
| `build_minutes` | `30` | default |
| `deploy_minutes` | `30` | default |

House rules, for every prompt: [`.github/microservice.md`]({FILE}.md), 2001 characters; the first 2000 are read.

The bot's own, by its operator:

| Variable | Value | From |
| --- | --- | --- |
| `OPENAI_MODEL` | `gpt-5` | environment |
| `GPTDEPLOY_LABEL` | `microservice` | default |"""
    )


def test_no_setting_is_left_out(runs: FakeRuns, repository: FakeRepository) -> None:
    reply = carry_out(comment("@gptdeploy /help settings", 12), repository, runs, Addressee(name="gptdeploy"))
    assert [name for name in RepoConfig.model_fields if f"| `{name}` |" not in reply] == []
    assert "House rules: none (`.github/microservice.md`)." in reply
    assert "operator" not in reply
    assert reply.endswith(
        "Defaults for all repositories of this owner: none, because I cannot read `octo/.github`. It is not there, or "
        "it is private and the App is not installed on it."
    )


def test_faults_are_shown_instead(runs: FakeRuns, repository: FakeRepository) -> None:
    repository.settings = {"config": "fixs: 3\n"}
    assert carry_out(comment("/help settings"), repository, runs) == (
        "These settings are wrong, so runs wait until they are corrected:\n\n"
        f"- [`.github/microservice.yml`, line 1]({FILE}.yml#L1): there is no setting `fixs`. Did you mean `fixes`?"
    )


def test_another_word_gets_the_commands(runs: FakeRuns, repository: FakeRepository) -> None:
    assert "| `/retry` |" in carry_out(comment("/help me"), repository, runs)
