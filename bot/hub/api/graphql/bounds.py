"""How much of a list a GraphQL request may ask for.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
"""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, IntValueNode, ValidationRule, get_named_type

from bot.hub.api.graphql.refused import Refused

_LARGEST = 100


class Bounds(ValidationRule):
    """Refuses lists that are asked for without `first` or `last`, and more than a hundred of a list."""

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        kind = self.context.get_type()
        if kind is None or not get_named_type(kind).name.endswith("Connection"):
            return
        name = node.name.value
        asked = {each.name.value: each.value for each in node.arguments or ()}
        selected = node.selection_set.selections if node.selection_set else ()
        wanted = {each.name.value for each in selected if isinstance(each, FieldNode)}
        if not asked.keys() & {"first", "last"} and wanted & {"nodes", "edges"}:
            text = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            self.report_error(Refused("MISSING_PAGINATION_BOUNDARIES", text))
        for bound in ("first", "last"):
            value = asked.get(bound)
            if isinstance(value, IntValueNode) and not 1 <= int(value.value) <= _LARGEST:
                text = f"Requesting {value.value} records on the `{name}` connection exceeds the `{bound}` limit of "
                self.report_error(Refused("EXCESSIVE_PAGINATION", f"{text}{_LARGEST} records."))
