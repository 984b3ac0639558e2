"""How a repository is set up for Actions, as GitHub describes it, and who may see it."""

from __future__ import annotations

import pytest
from githubkit.exception import RequestFailed

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused


def test_an_administrator_sees_variables_names_of_secrets_and_runners(world: World) -> None:
    actions = world.hub.repository(REPOSITORY).actions
    actions.variables[""]["REGISTRY"] = "registry.example.com"
    actions.secrets["microservices"] = {"PLATFORM_SSH_KEY"}
    actions.runners["mine"] = ("self-hosted",)
    rest = world.as_person("octo").rest
    assert rest.actions.get_github_actions_permissions_repository(OWNER, NAME).parsed_data.enabled is True
    (variable,) = rest.actions.list_repo_variables(OWNER, NAME).parsed_data.variables
    assert (variable.name, variable.value) == ("REGISTRY", "registry.example.com")
    (secret,) = rest.actions.list_environment_secrets(OWNER, NAME, "microservices").parsed_data.secrets
    assert secret.name == "PLATFORM_SSH_KEY"
    assert rest.actions.list_environment_variables(OWNER, NAME, "microservices").parsed_data.total_count == 0
    assert rest.actions.list_repo_secrets(OWNER, NAME).parsed_data.secrets == []
    assert rest.actions.list_repo_organization_variables(OWNER, NAME).parsed_data.variables == []
    assert rest.actions.list_repo_organization_secrets(OWNER, NAME).parsed_data.secrets == []
    (runner,) = rest.actions.list_self_hosted_runners_for_repo(OWNER, NAME).parsed_data.runners
    assert (runner.status, [label.name for label in runner.labels]) == ("online", ["self-hosted"])
    assert refused(lambda: rest.actions.list_environment_secrets(OWNER, NAME, "none")) == (404, "Not Found")


def test_the_app_sees_none_of_it_and_a_reader_neither(world: World) -> None:
    inaccessible = (403, "Resource not accessible by integration")
    bot, reader = world.as_bot().rest.actions, world.as_person("visitor").rest.actions
    for ask in ("list_repo_variables", "list_repo_secrets", "list_self_hosted_runners_for_repo"):
        assert refused(lambda ask=ask: getattr(bot, ask)(OWNER, NAME)) == inaccessible
        assert refused(lambda ask=ask: getattr(reader, ask)(OWNER, NAME))[0] == 403


def test_the_app_sees_where_it_is_told_and_a_label(world: World) -> None:
    hook = world.as_app().rest.apps.get_webhook_config_for_app().parsed_data
    assert (hook.content_type, str(hook.url).endswith("/webhook")) == ("json", True)
    issues = world.as_bot().rest.issues
    assert issues.get_label(OWNER, NAME, "Microservice").parsed_data.name == "microservice"
    assert refused(lambda: issues.get_label(OWNER, NAME, "other")) == (404, "Not Found")
    assert world.as_nobody().rest.meta.get_zen().headers["Date"]


def test_labels_are_made_once_by_who_may_write(world: World) -> None:
    wanted = {"name": "Idea", "color": "1D76DB", "description": "An idea."}
    issues = world.as_bot().rest.issues
    made = issues.create_label(OWNER, NAME, data=wanted).parsed_data
    assert (made.name, made.color, made.description) == ("Idea", "1D76DB", "An idea.")
    assert issues.get_label(OWNER, NAME, "idea").parsed_data.id == made.id

    with pytest.raises(RequestFailed) as caught:
        issues.create_label(OWNER, NAME, data={**wanted, "name": "idea"})
    (fault,) = caught.value.response.json()["errors"]
    assert (fault["resource"], fault["field"], fault["code"]) == ("Label", "name", "already_exists")
    for wrong in ({"color": "blue"}, {"description": "x" * 101}):
        assert refused(lambda wrong=wrong: issues.create_label(OWNER, NAME, data={"name": "x", **wrong}))[0] == 422
    reader = world.as_person("visitor").rest.issues
    assert refused(lambda: reader.create_label(OWNER, NAME, data={"name": "x"}))[0] == 403
    with world.hub.parts.state.lock:
        world.hub.repository(REPOSITORY).archived = True
    assert refused(lambda: issues.create_label(OWNER, NAME, data={"name": "x"}))[0] == 403
