"""What is inside a wheel on an index, read from its last bytes, where a zip archive has its list of files."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from email.parser import HeaderParser
from typing import NamedTuple

import httpx

_BLOCK = 64 * 1024
_LARGEST_LIST = 8 * 1024 * 1024
_LENGTH = re.compile(r"bytes \d+-\d+/(\d+)")
_LARGEST_METADATA = 1024 * 1024
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_CLASSIFIER = "License ::"
_LONGEST_LICENCE = 80
"""Characters of a licence's name; what is longer is its text."""
_NOT_SERVED = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class Wheel(NamedTuple):
    """What is known of a wheel: the names that can be imported once it is installed, without dots, and its licence."""

    modules: frozenset[str]
    licence: str = ""


def read_wheel(client: httpx.Client, address: str) -> Wheel | None:
    """Return what a wheel holds.

    None where the server does not send parts of a file (https://www.rfc-editor.org/rfc/rfc9110#name-range-requests),
    or the file is no wheel. A failure counts as "unknown", because the answer only helps to decide.
    """
    try:
        with zipfile.ZipFile(_Remote(client, address)) as archive:
            return Wheel(top_level(archive.namelist()), _licence_in(archive))
    except _NOT_SERVED:
        return None


def licence(metadata: str) -> str:
    """Return the licence that a package's metadata names: its expression, else its classifiers, else a short field;
    "" where none of them says.

    https://packaging.python.org/en/latest/specifications/core-metadata/
    """
    fields = HeaderParser().parsestr(metadata)
    expression = _short(fields.get("License-Expression", ""))
    if expression:
        return expression
    classifiers = [str(field) for field in fields.get_all("Classifier", []) if str(field).startswith(_CLASSIFIER)]
    named = [name for field in classifiers if (name := field.rpartition("::")[2].strip()) != "OSI Approved"]
    return _short(", ".join(dict.fromkeys(named))) or _short(fields.get("License", ""))


def _short(text: str) -> str:
    """Return a licence's name on one line; "" for a whole licence, and for what says nothing."""
    text = " ".join(str(text).split())
    return "" if len(text) > _LONGEST_LICENCE or text.upper() in ("UNKNOWN", "NONE") else text


def _licence_in(archive: zipfile.ZipFile) -> str:
    """Return the licence that a wheel names, or "" where its metadata cannot be had."""
    for path in archive.namelist():
        if _METADATA.fullmatch(path) and archive.getinfo(path).file_size <= _LARGEST_METADATA:
            try:
                return licence(archive.read(path).decode("utf-8", "replace"))
            except _NOT_SERVED:
                return ""
    return ""


def top_level(paths: Iterable[str]) -> frozenset[str]:
    """Return the importable names among the paths in a wheel.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    names = set()
    for path in paths:
        parts = path.split("/")
        if parts[0].endswith(".data"):
            # NAME.data/purelib and platlib are installed beside the rest; scripts and headers are not.
            parts = parts[2:] if len(parts) > 2 and parts[1] in ("purelib", "platlib") else []
        if not parts or parts[0].endswith(".dist-info"):
            continue
        # A module's name ends at the first dot: `_yaml.cpython-313-x86_64-linux-gnu.so`.
        name, dot, _ = parts[0].partition(".")
        is_module = len(parts) > 1 or parts[-1].endswith((".py", ".so", ".pyc"))
        if name.isidentifier() and is_module and not (len(parts) > 1 and dot):
            names.add(name)
    return frozenset(names)


class _Remote(io.RawIOBase):
    """A file behind an address. Only the parts that are read are fetched, and only parts near its end."""

    def __init__(self, client: httpx.Client, address: str) -> None:
        super().__init__()
        self._client = client
        self._address = address
        self._position = 0
        first, length = self._fetch(f"-{_BLOCK}")
        self._length = length
        self._tail = first

    def _fetch(self, wanted: str) -> tuple[bytes, int]:
        headers = {"Range": f"bytes={wanted}", "Accept-Encoding": "identity"}
        with self._client.stream("GET", self._address, headers=headers, follow_redirects=True) as answer:
            length = _LENGTH.fullmatch(answer.headers.get("Content-Range", ""))
            if (
                answer.status_code != 206
                or length is None
                or int(answer.headers.get("Content-Length", 0)) > _LARGEST_LIST
            ):
                raise OSError("not served in parts")
            return answer.read(), int(length[1])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise OSError("before the beginning")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = self._length if size < 0 else min(self._length, self._position + size)
        begin = self._length - len(self._tail)
        if self._position < begin:
            if self._length - self._position > _LARGEST_LIST:
                raise OSError("too far from the end")
            more, _ = self._fetch(f"{self._position}-{begin - 1}")
            self._tail = more + self._tail
            begin = self._length - len(self._tail)
        part = self._tail[self._position - begin : end - begin]
        self._position += len(part)
        return part
