"""Pages of lists, as GraphQL answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def page(nodes: Sequence[Any], first: int | None = None, last: int | None = None, after: str | None = None) -> Any:
    """Return a connection with the first or the last nodes after a cursor, which is the number of those before."""
    begin = int(after or 0)
    shown = nodes[begin:][-last:] if last else nodes[begin:][:first]
    end = begin + len(shown)
    info = {"hasNextPage": not last and end < len(nodes), "endCursor": str(end) if shown else None}
    return {"nodes": list(shown), "totalCount": len(nodes), "pageInfo": info}
