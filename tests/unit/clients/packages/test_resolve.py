"""Pinning with the real uv against a small index on loopback, and the base image's digest from a small registry."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clients.packages.resolve import BASE_IMAGE, Packages, Unresolvable
from bot.clients.packages.source_builds import SOURCE_BUILDS
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github

DIGEST = "sha256:" + "5" * 64
MANIFEST = "/v2/library/python/manifests/3.13-slim"


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


def offer(index: FakeGitHub, name: str, **files: bytes) -> None:
    """Put files on the index; "__" in a keyword stands for "-", and a source distribution ends in "_tar_gz"."""
    links = []
    for key, content in files.items():
        file = key.replace("__", "-").replace("_tar_gz", ".tar.gz").replace("_whl", ".whl").replace("_dot_", ".")
        links.append(f'<a href="/files/{file}">{file}</a>')
        index.on("GET", f"/files/{file}", 200, content)
    index.on("GET", f"/simple/{name}/", 200, f"<html>{''.join(links)}</html>".encode(), Content_Type="text/html")


@pytest.fixture
def index() -> Iterator[FakeGitHub]:
    with fake_github() as server:
        for name in ("fastapi", "uvicorn"):
            offer(server, name, **{f"{name}__1_dot_0__py3__none__any_whl": wheel(name, "1.0")})
        yield server


@pytest.fixture
def packages(index: FakeGitHub, tmp_path: Path) -> Packages:
    return Packages(environment(f"{index.url}/simple", tmp_path))


def environment(index: str, cache: Path) -> dict[str, str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    settings = {"UV_CACHE_DIR": str(cache), "UV_HTTP_RETRIES": "0", "UV_NO_CONFIG": "1", "NO_PROXY": "127.0.0.1"}
    return {**quiet, **settings, "UV_DEFAULT_INDEX": index}


def test_pins_what_is_named_what_it_needs_and_the_servers_packages(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2", "pillow>=9"))
    offer(index, "pillow", pillow__13_dot_0__py3__none__any_whl=wheel("pillow", "13.0"))

    pinned = packages.pin("# for the image\nqrcode  # draws\n")

    lines = [" ".join(line.split()) for line in pinned.splitlines()]
    assert lines == ["fastapi==1.0", "pillow==13.0 # via qrcode", "qrcode==8.2", "uvicorn==1.0"]


def test_unknown_name_is_told_in_uvs_words(packages: Packages) -> None:
    with pytest.raises(Unresolvable, match="no-such-thing was not found in the package registry"):
        packages.pin("no-such-thing")


def test_unknown_version_is_told(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2"))

    with pytest.raises(Unresolvable) as told:
        packages.pin("qrcode==99")

    assert "qrcode==99" in str(told.value)
    assert index.url not in str(told.value)


def test_source_distributions_do_not_count_because_building_them_runs_their_code(
    index: FakeGitHub, packages: Packages
) -> None:
    offer(index, "oldtimer", oldtimer__0_dot_6_tar_gz=b"never read")

    with pytest.raises(Unresolvable) as told:
        packages.pin("oldtimer")

    assert str(told.value).startswith("`oldtimer`: no wheel for Python 3.13 on Linux")
    assert "a source build needs a compiler" in str(told.value)
    assert not index.asked("GET", "/files/oldtimer")


def test_source_archive_that_is_known_to_build_is_pinned_unread_with_its_reason(
    index: FakeGitHub, packages: Packages
) -> None:
    offer(index, "docopt", docopt__0_dot_6_dot_2_tar_gz=b"never read")
    offer(
        index,
        "num2words",
        num2words__0_dot_5__py3__none__any_whl=wheel("num2words", "0.5"),
        num2words__0_dot_6__py3__none__any_whl=wheel("num2words", "0.6", "docopt>=0.6.2"),
    )

    pinned = packages.pin("num2words")

    lines = [" ".join(line.split()) for line in pinned.splitlines()]
    assert lines[0] == "docopt==0.6.2 # via num2words"
    assert "num2words==0.6" in lines
    assert lines[-1].startswith("# Built from source: docopt is pure Python")
    assert not index.asked("GET", "/files/docopt")
    assert packages.modules("docopt==0.6.2  # via num2words") == frozenset({"docopt"})
    project = packages.project("docopt")
    assert project is not None
    assert project.source_build


def test_source_archive_that_the_index_lacks_is_not_promised(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "docopt", docopt__0_dot_6_dot_1_tar_gz=b"never read")

    with pytest.raises(Unresolvable, match="`docopt`: no wheel"):
        packages.pin("docopt")

    project = packages.project("docopt")
    assert project is not None
    assert not project.source_build


def test_every_source_build_is_a_requirement_that_uv_can_read(index: FakeGitHub, packages: Packages) -> None:
    for name, build in SOURCE_BUILDS.items():
        offer(index, name, **{f"{name}-{build.version}.tar.gz": b"never read"})
    for name in ("six", "defusedxml", "pypng"):
        offer(index, name, **{f"{name}__99__py3__none__any_whl": wheel(name, "99")})

    pinned = packages.pin("\n".join([*SOURCE_BUILDS, "pyqrcode[png]"]))

    assert {f"{name}=={build.version}" for name, build in SOURCE_BUILDS.items()} < set(pinned.split())
    assert {"six==99", "defusedxml==99", "pypng==99"} < set(pinned.split())


def test_index_is_the_one_that_pip_is_told_of_where_uv_is_told_nothing(index: FakeGitHub, tmp_path: Path) -> None:
    variables = environment("", tmp_path)
    del variables["UV_DEFAULT_INDEX"]
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2"))

    packages = Packages({**variables, "PIP_INDEX_URL": f"{index.url}/simple"})

    assert "qrcode==8.2" in packages.pin("qrcode")
    project = packages.project("qrcode")
    assert project is not None
    assert project.for_image == ("8.2",)


def test_platform_is_the_images(index: FakeGitHub, tmp_path: Path) -> None:
    name = "quick-1.0-cp313-cp313-manylinux_2_17_aarch64.whl"
    offer(index, "quick", **{name: wheel("quick", "1.0")})
    variables = environment(f"{index.url}/simple", tmp_path)

    assert "quick==1.0" in Packages(variables, platform="aarch64").pin("quick")
    with pytest.raises(Unresolvable):
        Packages(variables).pin("quick")


def test_modules_of_what_is_no_pinned_requirement_are_unknown(packages: Packages) -> None:
    assert packages.modules("-r other.txt") is None
    assert packages.modules("../etc==1") is None
    assert packages.modules("") is None


@pytest.mark.parametrize(
    "line",
    ["-r /etc/passwd", "--index-url https://x", "a @ https://x/a.whl", "/tmp/a.whl", "./a", "git+https://x/a", "a b"],
)
def test_only_plain_requirements_pass(index: FakeGitHub, packages: Packages, line: str) -> None:
    with pytest.raises(Unresolvable, match="not a plain requirement"):
        packages.pin(f"qrcode\n{line}\n")

    assert not index.requests


def test_index_that_fails_is_transient(index: FakeGitHub, packages: Packages) -> None:
    index.on("GET", "/simple/broken/", 500, b"")

    with pytest.raises(TransientError, match="does not answer"):
        packages.pin("broken")


def test_index_that_is_gone_is_transient(tmp_path: Path) -> None:
    with fake_github() as gone:
        pass

    with pytest.raises(TransientError) as told:
        Packages(environment(f"{gone.url}/simple", tmp_path)).pin("qrcode")

    assert gone.url not in str(told.value)
    assert str(tmp_path) not in str(told.value)


def test_base_image_is_pinned_by_digest_and_asked_for_once_an_hour() -> None:
    now = [0.0]
    with fake_github() as registry:
        registry.on("GET", "/token", 200, {"token": "anonymous"})
        registry.on("HEAD", MANIFEST, 200, None, Docker_Content_Digest=DIGEST)
        packages = Packages(hub=registry.url, tokens=f"{registry.url}/token", clock=lambda: now[0])

        images = [packages.base_image(), packages.base_image()]
        asked = len(registry.requests)
        now[0] = 3601
        packages.base_image()

        assert images == [f"{BASE_IMAGE}@{DIGEST}"] * 2
        assert (asked, len(registry.requests)) == (2, 4)
        assert registry.asked("HEAD")[0].headers["authorization"] == "Bearer anonymous"


@pytest.mark.parametrize(
    ("token", "status", "digest"),
    [({"token": "x"}, 429, DIGEST), ({"token": "x"}, 200, "nonsense"), ({}, 200, DIGEST), ([], 200, DIGEST)],
)
def test_plain_tag_where_the_registry_does_not_help(token: object, status: int, digest: str) -> None:
    with fake_github() as registry:
        registry.on("GET", "/token", 200, token)
        registry.on("HEAD", MANIFEST, status, None, Docker_Content_Digest=digest)

        assert Packages(hub=registry.url, tokens=f"{registry.url}/token").base_image() == BASE_IMAGE


def test_plain_tag_without_a_registry() -> None:
    with fake_github() as gone:
        pass

    assert Packages(hub=gone.url, tokens=f"{gone.url}/token").base_image() == BASE_IMAGE
