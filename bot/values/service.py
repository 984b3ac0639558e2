"""What a service is, from a person's words to its files."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from bot.values.value import Keyless, Value


class Idea(Value):
    """What a person asked for, as read from the issue and before any model saw it.

    Attributes:
        description: what the service shall do, in the person's words; never empty.
        scenarios: how it shall be tested, one entry a scenario, in the person's words; may be empty.
        answers: what the person answered to questions, in order; may be empty.
        hint: what somebody with write access said when this was tried again; may be empty.
    """

    title: Keyless
    description: Keyless
    scenarios: tuple[Keyless, ...] = ()
    answers: tuple[Keyless, ...] = ()
    hint: Keyless = ""


class Aim(Value):
    """Which service of a repository an idea asks to change.

    Attributes:
        service: its slug; "" where the idea asks for a new one.
        unclear: it can be meant either way; `service` is what is likelier then.
    """

    service: str = ""
    unclear: bool = False


Status = int | Literal["4xx"]
"""An HTTP status; "4xx" is any that refuses a request."""


class Scenario(Value):
    """One test the service must pass.

    Attributes:
        name: a Python identifier; the test is called `test_<name>`.
        text: the scenario in the person's words (or the model's, where the person gave none).
        given: values of input fields that the scenario names, as data; None where it names them in words only.
        expected: the same of output fields.
        request: the request's body, where the person wrote it as data: it is sent as it is, no field more or less.
        answer: the answer's fields, where the person wrote them as data.
        status: what the person says the service answers with; None where nothing is said.
        quotes: the texts that the person quotes as data, as they stand there; its test holds each.
        files: the names of the fixtures that it names by their URL; its test uses each.
        generated: the model wrote it, because the person gave no scenario.
        reread: what the writer of the tests has read otherwise than code, and by which words; empty where nothing.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    text: str
    given: dict[str, Any] | None = None
    expected: dict[str, Any] | None = None
    request: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    status: Status | None = None
    quotes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    generated: bool = False
    reread: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether the service shall refuse the request."""
        return self.status == "4xx" or (isinstance(self.status, int) and 400 <= self.status < 500)


class Requirement(Value):
    """A sentence of the description that the service has to keep to, beyond the scenarios, and how that is checked.

    Attributes:
        name: a Python identifier, as no scenario has it; the test is called `test_<name>`.
        text: the sentence, in the person's words.
        interface: what checks it in `interface.py`, made by code, e.g. "`margin`: minimum 0, maximum 20"; or empty.
        unchecked: why nothing can check it; or empty.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    text: str
    interface: str = ""
    unchecked: str = ""

    @property
    def is_tested(self) -> bool:
        """Whether a test of its own checks it."""
        return not self.interface and not self.unchecked


class Question(Value):
    """A question that must be answered before a service can be specified, and what is assumed if the answer is "ok".

    Attributes:
        hosts: those that people have to let the service reach, where that is the question.
    """

    question: str
    proposal: str
    hosts: tuple[str, ...] = ()


class FixtureNote(Value):
    """A fixture without its bytes.

    Attributes:
        name: the file's name in `services/<slug>/fixtures/`: ASCII letters, digits, `-`, `_` and `.`.
        url: where it is from; media_type: what the server calls it, e.g. "text/html".
        beginning: its first characters, where it is text.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    url: str
    media_type: str
    beginning: str = ""


class Fixture(FixtureNote):
    """A file that a scenario names by its URL, fetched once, so that tests need no network; `data` is base64."""

    data: str

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.data)


class Spec(Value):
    """What the service is, before anybody says how.

    Attributes:
        slug: a DNS label; the folder below `services/` and the host name on the platform.
        title: a few words.
        summary: one or two sentences.
        input_schema: JSON schema (an object) of the request body; binary fields are strings with
            `contentEncoding: base64` and `contentMediaType`.
        output_schema: JSON schema (an object) of the answer, in the same way.
        scenarios: the tests; at least one.
        requirements: what the description demands beyond the scenarios; may be empty.
        assumptions: what was decided where the description is silent, one sentence each.
        out_of_scope: what was asked for and is not done (state, accounts, a GPU, ...), one sentence each.
        questions: what has to be known first; the service is built once there are none.
        fixtures: the files that its tests can read.
        description: the idea in the person's words, as later prompts show it; empty where only the summary is known.
        language: of the idea, as BCP 47 has it, e.g. "de"; empty where it is not known.
    """

    slug: str = Field(pattern=r"^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$")
    title: str
    summary: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    scenarios: tuple[Scenario, ...]
    requirements: tuple[Requirement, ...] = ()
    assumptions: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    fixtures: tuple[FixtureNote, ...] = ()
    description: str = ""
    language: str = ""

    def reading(self, reread: Sequence[Scenario]) -> Spec:
        """Return the specification with some scenarios read anew; each keeps its name."""
        anew = {scenario.name: scenario for scenario in reread}
        scenarios = tuple(anew.get(scenario.name, scenario) for scenario in self.scenarios)
        return self.model_copy(update={"scenarios": scenarios}) if reread else self

    @property
    def tested(self) -> tuple[Requirement, ...]:
        """The requirements that have a test of their own."""
        return tuple(requirement for requirement in self.requirements if requirement.is_tested)


class ScenarioTests(Value):
    """The tests of a service, written from the issue before there is any code; every strategy has to pass them.

    Attributes:
        source: of `test_executor.py`.
        requirements: text of `test_requirements.txt` in exact versions; empty where the tests need no packages.
        reread: the scenarios that code had misread, as their writer reads them; known only while they are written.
    """

    source: str
    requirements: str = ""
    reread: tuple[Scenario, ...] = ()


class Brief(Value):
    """What is to be built, as far as it follows from the issue: the specification, its tests and the files they read.

    Attributes:
        tests: None until they are written, and for a service that is on a branch already.
    """

    spec: Spec
    fixtures: tuple[Fixture, ...] = ()
    tests: ScenarioTests | None = None


class Strategy(Value):
    """One way to build the service.

    Attributes:
        name: two to five words, unique within the run.
        approach: one to three sentences.
        packages: names on the Python package index, without versions.
        system_packages: Debian package names the image needs.
        risks: what may go wrong, one sentence, or empty.
    """

    name: str
    approach: str
    packages: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    risks: str = ""


class Service(Value):
    """The files of a service that a model writes, and what they are written against.

    Attributes:
        interface: source of `interface.py`, made from the specification, or as a person changed it; empty for a
            service of before there was one. No fix changes it.
        executor: source of `executor.py`.
        tests: source of `test_executor.py`.
        test_requirements: text of `test_requirements.txt` in exact versions; empty where the tests need no packages.
        requirements: text of `requirements.txt`; as the model named them before `pin`, exact versions after it.
        system_packages: Debian packages for the Dockerfile.
        example: a valid request body, used by the smoke run and shown in the playground.
    """

    interface: str = ""
    executor: str
    tests: str
    test_requirements: str = ""
    requirements: str
    system_packages: tuple[str, ...] = ()
    example: dict[str, Any]

    @property
    def scenario_tests(self) -> ScenarioTests:
        """The tests, as they are on the branch."""
        return ScenarioTests(source=self.tests, requirements=self.test_requirements)


class Dispute(Value):
    """A test that is wrong, as a fix or the build says, and why. Whoever writes the tests decides.

    Attributes:
        proven: the build has shown it, so that the test must change; a fix only says so.
    """

    test: str
    reason: str
    proven: bool = False


class Fix(Value):
    """A model's answer to a failed build.

    Attributes:
        diagnosis: one to three sentences: what the build died of and what is changed.
        service: the files after the fix.
        disputes: the tests that are wrong, as the model or the build says. Their writer changes them.
        reread: the scenarios that code had misread, as the writer of the tests reads them.
    """

    diagnosis: str
    service: Service
    disputes: tuple[Dispute, ...] = ()
    reread: tuple[Scenario, ...] = ()


class Review(Value):
    """What the writer of the tests says to a dispute: the tests, changed or as they were, and why.

    Attributes:
        reread: the scenarios that code had misread, as they are meant.
    """

    tests: ScenarioTests
    reason: str
    reread: tuple[Scenario, ...] = ()
