"""Which package indexes this machine uses: those that environment variables name for uv, or else for pip."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

PUBLIC_INDEX = "https://pypi.org/simple"

# https://docs.astral.sh/uv/reference/environment/
DEFAULT_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
EXTRA_INDEXES = ("UV_INDEX", "UV_EXTRA_INDEX_URL")
# https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
_PIP = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")


@dataclass(frozen=True)
class ConfiguredIndex:
    """One index that uv asks.

    Attributes:
        url: its address, which may hold a user and a password, or be a folder.
        name: what uv calls it; empty where it has no name.
    """

    url: str
    name: str = ""


def environment(process: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables to run uv with: those of `process`, by default this process's.

    Where uv's own variables name no index, pip's variables are translated into them. uv's configuration files do not
    count, so that packages are looked up and resolved on the same index.
    """
    variables = dict(os.environ if process is None else process)
    default, extra = (variables.get(name, "").strip() for name in _PIP)
    if default and not any(variables.get(name) for name in DEFAULT_INDEX):
        variables["UV_DEFAULT_INDEX"] = default
    if extra and not any(variables.get(name) for name in EXTRA_INDEXES):
        variables["UV_EXTRA_INDEX_URL"] = extra
    return {**variables, "UV_NO_CONFIG": "1"}


def indexes(variables: Mapping[str, str]) -> tuple[ConfiguredIndex, ...]:
    """Return the indexes that uv asks with these variables, in its order.

    uv takes a package from the first index that knows the name; the default index is the last one
    (https://docs.astral.sh/uv/concepts/indexes/).
    """
    extra = " ".join(variables.get(name, "") for name in EXTRA_INDEXES).split()
    default = next((variables[name] for name in DEFAULT_INDEX if variables.get(name)), PUBLIC_INDEX)
    by_url: dict[str, ConfiguredIndex] = {}
    for entry in (*extra, default.strip()):
        index = _parse_entry(entry)
        by_url.setdefault(index.url.rstrip("/"), index)
    return tuple(by_url.values())


def system_certificates(variables: Mapping[str, str]) -> bool:
    """Tell whether uv is to trust the machine's certificates instead of its own."""
    names = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_FILE", "SSL_CERT_DIR")
    return any(variables.get(name, "").lower() not in ("", "0", "false", "no", "off") for name in names)


def _parse_entry(entry: str) -> ConfiguredIndex:
    """Read `address`, or `name=address`."""
    name, equals, address = entry.partition("=")
    return ConfiguredIndex(address, name) if equals and "/" not in name and ":" not in name else ConfiguredIndex(entry)
