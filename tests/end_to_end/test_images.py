"""The images behave as those of their names do, pulled or stand-ins, and builds and pushes work with them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import docker
import httpx
from docker.models.containers import Container

from bot.demo import images as stock
from bot.demo import machine
from bot.demo.ports import free_port

CADDYFILE = b':80 {\n\trespond "hello"\n}\n'


def put(container: Container, path: str, content: bytes) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    container.put_archive("/", archive.getvalue())


def test_a_second_look_finds_everything(images: docker.DockerClient) -> None:
    lines: list[str] = []
    stock.ensure(images, (stock.PYTHON, stock.CADDY, stock.REGISTRY), lines.append)
    assert lines == []


def test_python_has_its_commands_and_prefix(images: docker.DockerClient) -> None:
    script = """
        command -v python
        command -v pip
        python -c 'import sys; print(sys.version_info[:2], sys.prefix)'
        . /etc/os-release
        echo $VERSION_CODENAME
    """
    output = images.containers.run(stock.PYTHON, ["sh", "-c", script], remove=True)
    assert output.decode().split("\n") == [
        "/usr/local/bin/python",
        "/usr/local/bin/pip",
        "(3, 13) /usr/local",
        "trixie",
        "",
    ]


def test_caddy_serves_the_caddyfile(images: docker.DockerClient) -> None:
    port = free_port(8090)
    container = images.containers.create(stock.CADDY, ports={"80/tcp": ("127.0.0.1", port)})
    try:
        put(container, "etc/caddy/Caddyfile", CADDYFILE)
        container.start()
        with closing(container.logs(stream=True, follow=True)) as log:
            # The listener is there before this line is.
            assert any(b"serving initial configuration" in line for line in log)
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).text == "hello"
    finally:
        container.remove(force=True, v=True)


def test_a_runner_builds_with_buildkit(images: docker.DockerClient, tmp_path: Path) -> None:
    # The legacy builder does not know the flag.
    (tmp_path / "Dockerfile").write_text(
        f"FROM {stock.PYTHON}\nRUN --mount=type=tmpfs,target=/scratch grep -q /scratch /proc/mounts\n"
    )
    environment = machine.runner_environment()
    built = subprocess.run(
        ["env", *(f"{key}={value}" for key, value in environment.items()), "docker", "build", "-q", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert built.stdout.startswith("sha256:")
    images.images.remove(built.stdout.strip())


def test_packages_install_inside_a_build(images: docker.DockerClient, tmp_path: Path) -> None:
    # Both go through the machine's certificates and mirrors.
    run = "pip install --quiet --no-deps idna && apt-get update -q && apt-get install -y -q hello && hello"
    (tmp_path / "Dockerfile").write_text(f"FROM {stock.PYTHON}\nRUN {run}\n")
    image, _ = images.images.build(path=str(tmp_path), rm=True, nocache=True)
    images.images.remove(str(image.id))
