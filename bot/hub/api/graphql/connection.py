"""Pages of lists, as GraphQL answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def page(nodes: Sequence[Any], first: int | None = None, last: int | None = None) -> Any:
    """Return a connection with the first or the last nodes; there are no cursors to go on from."""
    shown = nodes[-last:] if last else nodes[:first] if first is not None else nodes
    info = {"hasNextPage": not last and len(shown) < len(nodes), "endCursor": None}
    return {"nodes": list(shown), "totalCount": len(nodes), "pageInfo": info}
