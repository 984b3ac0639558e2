"""Pinning with the real uv against a small index on loopback."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.clients.packages import Packages, Unresolvable
from bot.clients.packages.source_builds import SOURCE_BUILDS
from bot.errors import TransientError
from tests.fakes.github_http import FakeGitHub, fake_github
from tests.fakes.index_pages import offer, wheel


@pytest.fixture
def index(server: FakeGitHub) -> FakeGitHub:
    """An index that has what every service needs."""
    for name in ("fastapi", "uvicorn"):
        offer(server, name, **{f"{name}__1_dot_0__py3__none__any_whl": wheel(name, "1.0")})
    offer(server, "pydantic", pydantic__2_dot_12__py3__none__any_whl=wheel("pydantic", "2.12"))
    return server


@pytest.fixture
def packages(index: FakeGitHub, tmp_path: Path) -> Iterator[Packages]:
    with closing(Packages(environment(f"{index.url}/simple", tmp_path))) as packages:
        yield packages


def environment(index: str, cache: Path) -> dict[str, str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    settings = {"UV_CACHE_DIR": str(cache), "UV_HTTP_RETRIES": "0", "UV_NO_CONFIG": "1", "NO_PROXY": "127.0.0.1"}
    return {**quiet, **settings, "UV_DEFAULT_INDEX": index}


def test_pins_what_is_named_what_it_needs_and_the_servers_packages(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2", "pillow>=9"))
    offer(index, "pillow", pillow__13_dot_0__py3__none__any_whl=wheel("pillow", "13.0"))

    pinned = packages.pin("# for the image\nqrcode  # draws\n")

    lines = [" ".join(line.split()) for line in pinned.splitlines()]
    assert lines == ["fastapi==1.0", "pillow==13.0 # via qrcode", "pydantic==2.12", "qrcode==8.2", "uvicorn==1.0"]


def test_unknown_name_is_told_in_uvs_words(packages: Packages) -> None:
    with pytest.raises(Unresolvable, match="no-such-thing was not found in the package registry"):
        packages.pin("no-such-thing")


def test_unknown_version_is_told(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2"))

    with pytest.raises(Unresolvable) as failure:
        packages.pin("qrcode==99")

    assert "qrcode==99" in str(failure.value)
    assert index.url not in str(failure.value)


def test_source_distributions_do_not_count_because_building_them_runs_their_code(
    index: FakeGitHub, packages: Packages
) -> None:
    offer(index, "oldtimer", oldtimer__0_dot_6_tar_gz=b"never read")

    with pytest.raises(Unresolvable) as failure:
        packages.pin("oldtimer")

    assert str(failure.value).startswith("`oldtimer`: no wheel for Python 3.13 on Linux")
    assert "a source build needs a compiler" in str(failure.value)
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

    with closing(Packages({**variables, "PIP_INDEX_URL": f"{index.url}/simple"})) as packages:
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

    with pytest.raises(TransientError) as failure:
        Packages(environment(f"{gone.url}/simple", tmp_path)).pin("qrcode")

    assert gone.url not in str(failure.value)
    assert str(tmp_path) not in str(failure.value)


def test_answers_of_the_index_count_for_a_while_although_it_does_not_say_so(
    index: FakeGitHub, packages: Packages
) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2"))
    pinned = packages.pin("qrcode")
    asked = len(index.requests)

    assert packages.pin("qrcode") == pinned
    assert len(index.requests) == asked


def test_first_index_that_knows_a_name_has_it_for_uv_as_well(index: FakeGitHub, tmp_path: Path) -> None:
    variables = environment(f"{index.url}/simple", tmp_path)
    offer(index, "inhouse", inhouse__66_dot_0__py3__none__any_whl=wheel("inhouse", "66.0"))
    offer(index, "both", both__1_dot_0__py3__none__any_whl=wheel("both", "1.0"))
    with fake_github() as own, fake_github() as other:
        offer(own, "inhouse", inhouse__1_dot_0__py3__none__any_whl=wheel("inhouse", "1.0"))
        offer(other, "both", both__2_dot_0__py3__none__any_whl=wheel("both", "2.0"))
        password = own.url.replace("://", "://me:hunter2@")
        more = {"UV_INDEX": f"corp={password}/simple", "UV_EXTRA_INDEX_URL": f"{other.url}/simple"}

        pinned = Packages({**variables, **more}).pin("inhouse\nboth")

        assert {"inhouse==1.0", "both==2.0", "fastapi==1.0"} < set(pinned.split())
        assert own.asked("GET", "/simple/inhouse/")[-1].headers["authorization"] == "Basic bWU6aHVudGVyMg=="
        assert "hunter2" not in pinned


def test_what_was_fetched_before_need_not_be_asked_for_again(index: FakeGitHub, packages: Packages) -> None:
    offer(index, "qrcode", qrcode__8_dot_2__py3__none__any_whl=wheel("qrcode", "8.2"))
    packages.prefetch(["qrcode"])
    for thread in [thread for thread in threading.enumerate() if thread.name == "prefetch"]:
        thread.join()
    asked = len(index.requests)
    assert asked

    assert "qrcode==8.2" in packages.pin("qrcode")
    assert len(index.requests) == asked


def test_failure_to_fetch_beforehand_is_told_by_who_needs_it(index: FakeGitHub, packages: Packages) -> None:
    index.on("GET", "/simple/broken/", 500, b"")
    packages.prefetch(["broken", "./nonsense"])
    packages.prefetch(["broken"])
    for thread in [thread for thread in threading.enumerate() if thread.name == "prefetch"]:
        thread.join()

    with pytest.raises(TransientError):
        packages.pin("broken")
