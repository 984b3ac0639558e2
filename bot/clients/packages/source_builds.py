"""The few packages that may be built from source in the image, each with the reason.

Resolving never runs a package's own code on this machine, so uv is shown a stand-in: a wheel that says what the package
needs and holds nothing else. It tells uv the version to pin; pip then builds the real archive inside the image.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_PURE = "is pure Python, and published as a source archive only"


@dataclass(frozen=True)
class SourceBuild:
    """A source archive that was read and built with today's setuptools, and needs no compiler.

    Attributes:
        version: the one that was looked at; no other is taken.
        modules: what can be imported once it is installed.
        reason: continues a sentence that begins with the package's name.
        requires: what it needs, as its metadata says it.
    """

    version: str
    modules: tuple[str, ...]
    reason: str = _PURE
    requires: tuple[str, ...] = ()


SOURCE_BUILDS: Mapping[str, SourceBuild] = MappingProxyType(
    {
        "chess": SourceBuild("1.11.2", ("chess",), "is pure Python, and its newest releases are source archives only"),
        # num2words and others need it; without it uv goes back to their releases of ten years ago.
        "docopt": SourceBuild("0.6.2", ("docopt",)),
        "jieba": SourceBuild("0.42.1", ("jieba",)),
        "json2html": SourceBuild("1.3.0", ("json2html",)),
        "langdetect": SourceBuild("1.0.9", ("langdetect",), requires=("six",)),
        "odfpy": SourceBuild("1.4.1", ("odf",), requires=("defusedxml",)),
        "pyqrcode": SourceBuild("1.2.1", ("pyqrcode",), requires=('pypng>=0.0.13; extra == "png"',)),
        # feedparser needs it.
        "sgmllib3k": SourceBuild("1.0.0", ("sgmllib",)),
    }
)


def write_stand_ins(builds: Mapping[str, SourceBuild], folder: Path) -> None:
    """Write a wheel without contents for each of `builds`, for uv's `--find-links`.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    for name, build in builds.items():
        stem = f"{name.replace('-', '_')}-{build.version}"
        info = f"{stem}.dist-info"
        extras = sorted({line.split('"')[1] for line in build.requires if "extra ==" in line})
        metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {build.version}"]
        metadata += [f"Provides-Extra: {extra}" for extra in extras]
        metadata += [f"Requires-Dist: {line}" for line in build.requires]
        contents = {
            f"{info}/METADATA": "\n".join(metadata) + "\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: gptdeploy\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in contents.items())
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
            for path, text in {**contents, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
                wheel.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
