"""The blueprints that programs call: REST, GraphQL, and git over HTTP. They refuse what GitHub refuses."""

from bot.hub.api import (
    app,
    checks,
    deployments,
    graphql,
    hook,
    issues,
    merging,
    pulls,
    repositories,
    review_comments,
    reviews,
    setup,
    smart_http,
    workflow_runs,
)
from bot.hub.api.endpoints import refuse
from bot.hub.api.workflow_runs import STORED_LOGS

BLUEPRINTS = (
    app.BLUEPRINT,
    hook.BLUEPRINT,
    app.OAUTH,
    repositories.ENDPOINTS.blueprint,
    issues.ENDPOINTS.blueprint,
    pulls.ENDPOINTS.blueprint,
    reviews.ENDPOINTS.blueprint,
    review_comments.ENDPOINTS.blueprint,
    merging.ENDPOINTS.blueprint,
    checks.ENDPOINTS.blueprint,
    deployments.ENDPOINTS.blueprint,
    setup.ENDPOINTS.blueprint,
    workflow_runs.ENDPOINTS.blueprint,
    workflow_runs.LOGS,
    graphql.BLUEPRINT,
    smart_http.BLUEPRINT,
)

__all__ = ["BLUEPRINTS", "STORED_LOGS", "refuse"]
