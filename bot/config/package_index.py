"""Where this machine gets Python packages from: what the environment says to uv and, failing that, to pip."""

from __future__ import annotations

import os
from collections.abc import Mapping

PUBLIC_INDEX = "https://pypi.org/simple"

# uv's variable, and pip's that says the same; https://docs.astral.sh/uv/reference/environment/ and
# https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
_PIPS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_DEFAULT = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
_EXTRA = ("UV_INDEX", "UV_EXTRA_INDEX_URL")


def environment(process: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables to run uv with: those of `process`, by default this process's, with pip's index settings
    said in uv's words where uv's own are absent.

    uv's configuration files are left out of account, so that the environment alone says which index is meant: what is
    checked and what is resolved must come from the same place.
    """
    variables = dict(os.environ if process is None else process)
    default, extra = (variables.get(name, "").strip() for name in _PIPS)
    if default and not any(variables.get(name) for name in _DEFAULT):
        variables["UV_DEFAULT_INDEX"] = default
    if extra and not any(variables.get(name) for name in _EXTRA):
        variables["UV_EXTRA_INDEX_URL"] = extra
    return {**variables, "UV_NO_CONFIG": "1"}


def indexes(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the roots of the simple API that uv asks with these variables, in its order: it takes a package from the
    first index that knows the name, and the default one is the last (https://docs.astral.sh/uv/concepts/indexes/).

    Folders (`file:` and paths) are left out: what only they hold does not exist here, which refuses it.
    """
    extra = " ".join(variables.get(name, "") for name in _EXTRA).split()
    default = next((variables[name] for name in _DEFAULT if variables.get(name)), PUBLIC_INDEX)
    # "name=address" names an index.
    addresses = [_without_name(entry) for entry in (*extra, default.strip())]
    return tuple(dict.fromkeys(a.rstrip("/") for a in addresses if a.startswith(("http://", "https://"))))


def system_certificates(variables: Mapping[str, str]) -> bool:
    """Tell whether uv is to trust the machine's certificates instead of those it brings along."""
    names = ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_FILE", "SSL_CERT_DIR")
    return any(variables.get(name, "").lower() not in ("", "0", "false", "no", "off") for name in names)


def _without_name(entry: str) -> str:
    name, equals, address = entry.partition("=")
    return address if equals and "/" not in name and ":" not in name else entry
