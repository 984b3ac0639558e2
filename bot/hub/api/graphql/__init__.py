"""GraphQL: the few mutations and queries the bot sends, under GitHub's own names.

https://docs.github.com/en/graphql/reference
"""

from bot.hub.api.graphql.endpoint import BLUEPRINT

__all__ = ["BLUEPRINT"]
