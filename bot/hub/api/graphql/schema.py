"""The part of GitHub's GraphQL schema that the hub serves (https://docs.github.com/en/graphql/reference)."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema

SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text())
