"""What a person pastes or opens to mend something, and how the bot hears where nothing reaches it."""

from __future__ import annotations

from urllib.parse import unquote

from bot.doctor import State
from bot.hub.webhooks import Delivery
from bot.init import ISSUE_FORM, WORKFLOWS, repository_files
from bot.values.naming import BUILD_WORKFLOW
from tests.unit.doctor.ward import REPOSITORY, Ward, one, undelivered


def test_a_link_is_never_longer_than_github_takes(ward: Ward) -> None:
    ward.put({}, tuple(repository_files()))
    found = one("files", ward.patient())
    links = dict(found.links)
    assert list(links) == list(repository_files())
    assert all(len(link) <= 8_000 for link in links.values())
    page, _, query = links[ISSUE_FORM].partition("?")
    assert page == f"{ward.hub.url}/octo/services/new/main"
    name, _, text = query.partition("&value=")
    assert (unquote(name), unquote(text)) == (f"filename={ISSUE_FORM}", repository_files()[ISSUE_FORM])
    # The page of the set-up has the texts of those that are too long.
    assert unquote(links[f"{WORKFLOWS}/{BUILD_WORKFLOW}"]).endswith(f"?filename={WORKFLOWS}/{BUILD_WORKFLOW}")
    (line,) = found.lines
    assert "gptdeploy init services && git -C services add .github" in line


def test_an_environment_is_made_where_there_is_none(ward: Ward) -> None:
    ward.repo.actions.secrets["microservices"].clear()
    assert [line.split()[:3] for line in one("secrets", ward.patient()).lines] == [["gh", "secret", "set"]]
    ward.repo.actions.secrets.clear()
    made, *_ = one("secrets", ward.patient()).lines
    assert made == "gh api --silent --method PUT repos/octo/services/environments/microservices"


def test_a_relay_and_a_bot_that_asks(ward: Ward) -> None:
    channel = f"{ward.hub.url}/mine"
    found = one("webhook", ward.patient(WEBHOOK_PROXY_URL=channel))
    assert found.state is State.RED and f"Set their address to `{channel}`" in found.remedy
    ward.app(webhook_url=channel)
    assert one("webhook", ward.patient(WEBHOOK_PROXY_URL=channel)).state is State.GREEN
    undelivered(ward)
    asking = ward.patient(GPTDEPLOY_POLL="true")
    assert {one(name, asking).state for name in ("webhook", "deliveries", "dns", "tls")} == {State.GREEN}


def test_what_has_just_failed_is_asked_for_again(ward: Ward) -> None:
    ward.hub.parts.deliveries.all.append(Delivery("installation", {}, status=404))
    found = one("deliveries", ward.patient())
    assert (found.state, found.remedy) == (State.UNKNOWN, "Look again: the worker asks for them again")


def test_the_machine_of_the_platform_is_named_where_the_variable_is_seen(ward: Ward) -> None:
    for token, host in ((True, "deploy@127.0.0.1"), (False, "user@machine")):
        assert one("pull", ward.patient(token=token)).remedy.startswith(
            f"`gptdeploy doctor {REPOSITORY} --host {host}`"
        )


def test_a_private_repository_may_have_no_environments(ward: Ward) -> None:
    ward.repo.actions.secrets["microservices"].clear()
    assert "without" not in one("secrets", ward.patient()).remedy
    ward.repo.private = True
    assert "no environments for private repositories, without `--env`" in one("secrets", ward.patient()).remedy
    # Those of the repository do as well.
    ward.repo.actions.secrets[""].add("PLATFORM_SSH_KEY")
    assert one("secrets", ward.patient()).state is not State.RED
