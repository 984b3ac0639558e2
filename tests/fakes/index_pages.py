"""Pages and files of a Python package index, put on a server that answers what a test says."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile

from tests.fakes.github_http import FakeGitHub

JSON = "application/vnd.pypi.simple.v1+json"
OLD = "2015-03-01T10:00:00.000000Z"


def file(name: str, **more: object) -> dict[str, object]:
    """Return an entry of a JSON page; `more` has "_" for "-"."""
    fields = {key.replace("_", "-"): value for key, value in more.items()}
    return {"filename": name, "url": f"/files/{name}", "hashes": {}, "upload-time": OLD, **fields}


def say(server: FakeGitHub, name: str, *files: dict[str, object]) -> None:
    """Answer about a project as PEP 691 and PEP 700 have it."""
    page = {"meta": {"api-version": "1.1"}, "name": name, "files": list(files)}
    server.on("GET", f"/simple/{name}/", 200, json.dumps(page).encode(), Content_Type=JSON)


def say_html(server: FakeGitHub, name: str, *links: str) -> None:
    """Answer about a project as PEP 503 has it; a link is a file's name, and its attributes after a blank."""
    anchors = []
    for link in links:
        title, _, attributes = link.partition(" ")
        # Not the content's, which nobody checks here; but uv takes files with the same digest for the same file.
        digest = hashlib.sha256(title.encode()).hexdigest()
        anchors.append(f'<a href="../../files/{title}#sha256={digest}" {attributes}>{title}</a><br/>')
    page = f"<!DOCTYPE html><html><body><h1>Links for {name}</h1>{''.join(anchors)}</body></html>"
    server.on("GET", f"/simple/{name}/", 200, page.encode(), Content_Type="text/html; charset=UTF-8")


def offer(server: FakeGitHub, name: str, **files: bytes) -> None:
    """Put files on the index; "__" in a keyword stands for "-", and a source distribution ends in "_tar_gz"."""
    names = {
        key.replace("__", "-").replace("_tar_gz", ".tar.gz").replace("_whl", ".whl").replace("_dot_", "."): content
        for key, content in files.items()
    }
    say_html(server, name, *names)
    for file_name, content in names.items():
        server.on("GET", f"/files/{file_name}", 200, content)


def wheel(name: str, version: str, *requires: str) -> bytes:
    """Build a wheel that holds nothing but its metadata (https://packaging.python.org/specifications/)."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{info}/METADATA": metadata + "".join(f"Requires-Dist: {requirement}\n" for requirement in requires),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{path},sha256={_hash(text.encode())},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


def _hash(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
