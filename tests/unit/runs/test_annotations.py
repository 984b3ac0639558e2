"""Where a failure is shown on the files of a service."""

from __future__ import annotations

import pytest

from bot.runs.annotations import LIMIT, annotate
from bot.values.failure import FailedTest, Failure, FailureClass
from bot.values.service import Dispute

FOLDER = "services/shop"
FILES = {
    "executor.py": "a = 1\nb = 2\nc = 3\n",
    "test_executor.py": """\
import pytest


def test_one(call):
    assert call == 1


@pytest.mark.parametrize("x", [1, 2])
def test_many(x):
    assert x


class TestMore:
    async def test_one(self):
        assert False
""",
    "requirements.txt": "# what it needs\nPillow==11.0.0\nqr_code>=7 ; python_version > '3'\n",
    "Dockerfile": "FROM python\nRUN true\n",
}


def failure(headline: str = "ValueError: bad", file: str = "", line: int | None = None, **more: object) -> Failure:
    known = {"excerpt": "", "fingerprint": "0" * 16, "failure_class": FailureClass.CODE}
    return Failure.model_validate({**known, "headline": headline, "file": file, "line": line, **more})


def test(name: str, error: str = "assert 1 == 2", file: str = "", line: int | None = None) -> FailedTest:
    return FailedTest(name=name, error=error, file=file, line=line)


test.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("died", "expected"),
    [
        (failure(), []),
        (failure(file="executor.py", line=2), [("executor.py", 2, "ValueError: bad")]),
        (failure("KeyError: api_key=0123", file="executor.py", line=2), [("executor.py", 2, "KeyError: api_key=0123")]),
        # Wherever the file was when the log was written.
        (failure(file="./services/shop/executor.py", line=2), [("executor.py", 2, "ValueError: bad")]),
        (failure(file="app/executor.py", line=3), [("executor.py", 3, "ValueError: bad")]),
        (failure(file="Dockerfile", line=2), [("Dockerfile", 2, "ValueError: bad")]),
        # Lines and files that are not there.
        (failure(file="executor.py", line=4), []),
        (failure(file="executor.py", line=0), []),
        (failure(file="executor.py"), []),
        (failure(file="helpers.py", line=1), []),
        # A requirement is found by its name where the log names no line.
        (
            failure("No matching distribution found for qr-code>=7", "requirements.txt"),
            [("requirements.txt", 3, "No matching distribution found for qr-code>=7")],
        ),
        (
            failure("No matching distribution found for pillow==11.0.0", "requirements.txt"),
            [("requirements.txt", 2, "No matching distribution found for pillow==11.0.0")],
        ),
        (failure("No matching distribution found for pillow-simd", "requirements.txt"), []),
        (failure("bad", "requirements.txt", 3), [("requirements.txt", 3, "bad")]),
        # Failed tests are shown where they are defined.
        (failure(tests=[test("test_one")]), [("test_executor.py", 4, "assert 1 == 2")]),
        (
            failure(tests=[test("test_many[1]"), test("test_many[2]", "assert 0")]),
            [("test_executor.py", 9, "assert 1 == 2\nassert 0")],
        ),
        (failure(tests=[test("TestMore::test_one")]), [("test_executor.py", 14, "assert 1 == 2")]),
        (failure(tests=[test("TestMore.test_one", "")]), [("test_executor.py", 14, "TestMore.test_one failed")]),
        (failure(tests=[test("test_gone"), test("TestGone::test_one")]), []),
        # And where they failed, but the cause is told once.
        (
            failure("test_one: no", "test_executor.py", 5, tests=[test("test_one", "no", "test_executor.py", 5)]),
            [("test_executor.py", 5, "test_one: no"), ("test_executor.py", 4, "no")],
        ),
        (
            failure("ValueError: bad", "executor.py", 1, tests=[test("test_one", "KeyError: 'a'", "executor.py", 3)]),
            [
                ("executor.py", 1, "ValueError: bad"),
                ("test_executor.py", 4, "KeyError: 'a'"),
                ("executor.py", 3, "test_one: KeyError: 'a'"),
            ],
        ),
        # Tests that the build refuses.
        (
            failure(
                "test_one passes whatever",
                "test_executor.py",
                disputes=[Dispute(test="test_one", reason="passes whatever")],
            ),
            [("test_executor.py", 4, "test_one passes whatever")],
        ),
    ],
)
def test_places(died: Failure, expected: list[tuple[str, int, str]]) -> None:
    shown = [(note.path, note.line, note.message) for note in annotate(died, FILES, FOLDER)]
    assert shown == [(f"{FOLDER}/{file}", line, text) for file, line, text in expected]


def test_no_more_than_github_takes() -> None:
    source = "".join(f"def test_{number}():\n    assert False\n" for number in range(80))
    tests = [test(f"test_{number}", "x" * 2_000) for number in range(80)]
    notes = annotate(failure(tests=tests), {"test_executor.py": source}, FOLDER)
    assert len(notes) == LIMIT
    assert {len(note.message) for note in notes} == {1_000}
