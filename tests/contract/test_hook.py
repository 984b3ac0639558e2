"""What the App was told, and what it finds when it looks around, as GitHub describes it."""

from __future__ import annotations

from tests.contract.conftest import NAME, OWNER, REPOSITORY, World, refused


def test_deliveries_are_listed_the_newest_first_and_sent_again(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["microservice"])
    world.events()
    apps = world.as_app().rest.apps

    newest, before = apps.list_webhook_deliveries().parsed_data
    assert (newest.event, newest.action, newest.status_code, newest.redelivery) == ("issues", "labeled", 202, False)
    page = apps.list_webhook_deliveries(per_page=1)
    assert f'cursor={newest.id}>; rel="next"' in page.headers["Link"]
    assert [one.id for one in apps.list_webhook_deliveries(cursor=str(newest.id)).parsed_data] == [before.id]

    apps.redeliver_webhook_delivery(before.id)
    world.events()
    again = apps.list_webhook_deliveries().parsed_data[0]
    assert (again.guid, again.redelivery) == (before.guid, True)
    assert world.received[-1].headers["X-GitHub-Delivery"] == before.guid
    assert refused(lambda: apps.redeliver_webhook_delivery(999_999_999)) == (404, "Not Found")


def test_the_app_finds_its_installations_and_their_repositories(world: World) -> None:
    (installation,) = world.as_app().rest.apps.list_installations().parsed_data
    assert installation.id == world.app.installation_id
    found = world.as_bot().rest.apps.list_repos_accessible_to_installation().parsed_data
    assert (found.total_count, [repo.full_name for repo in found.repositories]) == (1, [REPOSITORY])


def test_issues_and_comments_are_found_by_label_and_time(world: World) -> None:
    world.hub.open_issue(REPOSITORY, "An idea", "text", ["microservice"])
    world.hub.open_issue(REPOSITORY, "A bug", "text", ["bug"])
    comment = world.hub.comment(REPOSITORY, 2, "/retry")
    issues = world.as_bot().rest.issues

    (found,) = issues.list_for_repo(OWNER, NAME, labels="Microservice", sort="updated").parsed_data
    assert found.number == 1
    (said,) = issues.list_comments_for_repo(OWNER, NAME, sort="updated", direction="asc").parsed_data
    assert (said.id, said.issue_url.rpartition("/")[2]) == (comment, "2")
    (event,) = issues.list_events(OWNER, NAME, 1).parsed_data
    assert (event.event, event.actor.login, event.label.name) == ("labeled", "octo", "microservice")


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    bot = world.as_bot()
    path = f"/repos/{REPOSITORY}/issues"
    tag = bot.request("GET", path).headers["ETag"]
    assert bot.request("GET", path, headers={"If-None-Match": tag}).status_code == 304
    world.hub.open_issue(REPOSITORY, "An idea", "text", [])
    assert bot.request("GET", path, headers={"If-None-Match": tag}).status_code == 200
