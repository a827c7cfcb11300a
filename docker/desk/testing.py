"""`make test`, `bench`, `stress`, `evaluate`, `train`: what runs, in which environment, and the final count."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from . import packages, postgres, system
from .demo import install
from .settings import ADDON, BRIDGE, Settings
from .steps import Failure, Progress, end_with_parent, only_one, say
from .templates import Templates

#: Seconds after which one hanging test fails, and after which a whole stage is ended.
TEST_LIMIT = 900
STAGE_LIMIT = 2700
#: Options of pytest whose value is the next word.
WITH_VALUE = ("-k", "-m", "-n", "-o", "--maxfail", "--durations", "--tb")
NO_TESTS = 5
LAST_FAILED = (0, 1)


@dataclass
class Count:
    """Passed, failed and skipped tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass(frozen=True)
class Stage:
    """A part of the tests: its name, its title and the folders it runs."""

    name: str
    title: str
    folders: tuple[str, ...] = ()
    #: none | addon | bridge | optional: the database that Odoo's pytest plugin opens
    database: str = ""
    #: whether the tests copy the template themselves
    template: bool = False


STAGES = (
    Stage("lint", "Style and conventions"),
    Stage("fast", "Without database", ("tests/desk", "tests/connectors", "tests/analysis")),
    Stage("orm", "Records, rights and tours in Odoo", (f"{ADDON}/tests",), database="addon"),
    Stage("optional", "With optional modules", (f"{ADDON}/tests/optional",), database="optional"),
    Stage("bridge", "Bridge to OCA helpdesk_mgmt", (f"{BRIDGE}/tests",), database="bridge"),
    Stage("real", "Real servers and crashes", ("tests/servers", "tests/real", "tests/crash"), template=True),
)


@dataclass
class Selection:
    """What the words after `make test` ask for."""

    stages: list[Stage]
    #: stage name -> paths given for it (a stage without an entry runs all its folders)
    paths: dict[str, list[str]] = field(default_factory=dict)
    options: list[str] = field(default_factory=list)
    whole: bool = True

    @classmethod
    def read(cls, settings: Settings, words: tuple[str, ...]) -> Selection:
        """Sort words into stage names, paths, expressions and options of pytest."""
        names: list[str] = []
        paths: dict[str, list[str]] = {}
        options: list[str] = []
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word in WITH_VALUE and rest:
                options += [word, rest.pop(0)]
            elif word.startswith("-"):
                options.append(word)
            elif word in {stage.name for stage in STAGES}:
                names.append(word)
            elif (settings.root / word.split("::")[0]).exists():
                relative = os.path.relpath(settings.root / word.split("::")[0], settings.root)
                relative += word[len(word.split("::")[0]) :]
                found = [
                    stage for stage in STAGES for f in stage.folders if f"{relative}/".startswith((f"{f}/", f"{f}::"))
                ]
                above = [stage for stage in STAGES for f in stage.folders if f"{f}/".startswith(f"{relative}/")]
                if not found and not above:
                    raise Failure(f"No tests in {word}.", "Folders with tests: " + ", ".join(_folders()))
                for stage in found:
                    paths.setdefault(stage.name, []).append(relative)
                names += [stage.name for stage in above]
            elif "/" in word or word.endswith(".py"):
                raise Failure(
                    f"{word} does not exist.", "Give a path in the checkout, or an expression for pytest's -k."
                )
            else:
                options += ["-k", word]
        chosen = {*names, *paths}
        if not chosen and options:
            chosen = {stage.name for stage in STAGES if stage.folders}
        stages = [stage for stage in STAGES if not chosen or stage.name in chosen]
        return cls(stages, paths, options, whole=not words)


def _folders() -> list[str]:
    return [folder for stage in STAGES for folder in stage.folders]


def has_tests(settings: Settings, folder: str) -> bool:
    """Whether a folder holds a test file."""
    return any((settings.root / folder).rglob("test_*.py"))


class Runner:
    """Prepares what the chosen stages need and runs them one after the other."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.results: list[tuple[Stage, Count, float]] = []

    def prepare(self, *, browser: bool = False) -> None:
        """Python packages, Odoo's files, and the browser of the tours."""
        with only_one(self.settings.runtime / ".lock", "installing"):
            progress = Progress(4 if browser else 3)
            if browser:
                with progress.step("Browser of the tours") as notes:
                    notes.append(system.require_test_programs(self.settings))
            install(self.settings, progress, tests=True)

    def environment(self, templates: Templates | None = None, template: str = "", bridge: str = "") -> dict[str, str]:
        """Environment of a test process; with templates, also of Odoo and its server."""
        # The checkout first, so that `tests` is its folder; then `connectors` and `analysis` by their own names.
        roots = [str(self.settings.root), str(self.settings.root / ADDON)]
        if templates:
            env = templates.odoo.environ
            path = [env["PYTHONPATH"], *roots]
            env["ODOO_RC"] = str(templates.odoo.write_conf())
            env["COMMUNITY_TEST_TEMPLATE"] = template
            env["COMMUNITY_TEST_BRIDGE_TEMPLATE"] = bridge
        else:
            env = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "ODOO_RC"))}
            path = roots
        env |= {
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "",
            "RUNTIME": str(self.settings.runtime),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
        }
        for name in ("ARGS", "PORT", "HOST", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTEST_ADDOPTS"):
            env.pop(name, None)
        return env

    def pytest(self, stage: Stage, words: list[str], env: dict[str, str]) -> Count:
        """Run pytest with its output shown, and count its results from its report."""
        report = self.settings.runtime / "results" / f"{stage.name}-{os.getpid()}.xml"
        report.parent.mkdir(parents=True, exist_ok=True)
        command = [str(self.settings.python), "-m", "pytest", "-c", "setup.cfg", f"--junitxml={report}"]
        command += [f"--timeout={TEST_LIMIT}", "-o", f"cache_dir={self.settings.runtime / 'pytest-cache'}", *words]
        process = subprocess.Popen(
            command,
            cwd=self.settings.root,
            env=env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        late = False
        try:
            code = process.wait(timeout=STAGE_LIMIT)
        except subprocess.TimeoutExpired:
            late = True
            say(f"\nThis part took longer than {STAGE_LIMIT // 60} minutes and was ended.")
            _end_group(process)
            code = process.returncode
        except BaseException:
            _end_group(process)
            raise
        count = read_report(report)
        report.unlink(missing_ok=True)
        if code not in (0, NO_TESTS) and not count.failed or late:
            say(f"pytest ended with code {code}.")
            count.failed += 1
        return count

    def run_stage(self, stage: Stage, selection: Selection, templates: Templates | None) -> Count:
        """Run one stage."""
        if stage.name == "lint":
            from . import linting

            return Count(*linting.check(self.settings))
        paths = selection.paths.get(stage.name) or [f for f in stage.folders if has_tests(self.settings, f)]
        if not paths:
            say("No tests here yet.")
            return Count()
        words = [*paths, *selection.options]
        if not templates or not (stage.database or stage.template):
            return self.pytest(stage, ["-p", "no:odoo", *words], self.environment())
        with only_one(self.settings.runtime / ".lock", "building databases"):
            started = time.monotonic()
            built = {"bridge": templates.bridge, "optional": templates.optional}
            template = built.get(stage.database, templates.addon)()
            bridge = templates.bridge() if stage.template and BRIDGE in self.settings.addons else ""
            database = templates.copy(template, stage.name) if stage.database else ""
            say(f"Database ready after {time.monotonic() - started:.0f} s")
        env = self.environment(templates, template, bridge)
        if stage.template:
            return self.pytest(stage, ["-p", "no:odoo", *words], env)
        env["PATH"] = f"{system.browser_wrapper(self.settings)}{os.pathsep}{env.get('PATH', '')}"
        options = [f"--odoo-config={env['ODOO_RC']}", f"--odoo-database={database}", "--odoo-http"]
        return self.pytest(stage, [*options, "--odoo-log-level=error", *words], env)

    def test(self) -> int:
        """`make test`: every chosen stage, also after one failed; the count last."""
        selection = Selection.read(self.settings, self.settings.arguments)
        started = time.monotonic()
        databases = any(stage.database or stage.template for stage in selection.stages)
        if databases:
            self.prepare(browser=any(stage.database for stage in selection.stages))
        elif any(stage.folders for stage in selection.stages):
            with only_one(self.settings.runtime / ".lock", "installing"):
                packages.ensure_python(self.settings, tests=True)
        if not databases:
            return self._run_all(selection, None, started)
        with postgres.test_server(self.settings) as connection:
            templates = Templates(self.settings, connection)
            templates.drop_left_over()
            try:
                return self._run_all(selection, templates, started)
            finally:
                templates.drop_copies()

    def _run_all(self, selection: Selection, templates: Templates | None, started: float) -> int:
        for stage in selection.stages:
            say(f"\n=== {stage.name}: {stage.title} ===")
            begun = time.monotonic()
            try:
                count = self.run_stage(stage, selection, templates)
            except Failure as failure:
                say(f"\nFailed: {failure.message}\n\nWhat to do: {failure.advice}")
                count = Count(failed=1)
            seconds = time.monotonic() - begun
            self.results.append((stage, count, seconds))
            say(f"--- {stage.name}: {count} in {seconds:.0f} s")
        total = sum((count for _, count, _ in self.results), Count())
        say("\nSummary")
        for stage, count, seconds in self.results:
            say(f"  {stage.name:<8}{seconds:>6.0f} s  {count}")
        say(f"  {'all':<8}{time.monotonic() - started:>6.0f} s")
        say(f"{total}")
        return 1 if total.failed or not total.passed else 0

    # -- programs that use the same environment ------------------------------------------------------------------

    def with_templates(self, action) -> int:
        """Run ``action(environment)`` with the template databases built."""
        self.prepare()
        with postgres.test_server(self.settings) as connection:
            templates = Templates(self.settings, connection)
            with only_one(self.settings.runtime / ".lock", "building databases"):
                template = templates.addon()
                bridge = templates.bridge() if BRIDGE in self.settings.addons else ""
            return action(self.environment(templates, template, bridge))

    def bench(self) -> int:
        """`make bench [NAME …]`: each benchmark is a module of tests/benchmarks."""
        folder = self.settings.root / "tests" / "benchmarks"
        known = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
        words = list(self.settings.arguments)
        names = [words.pop(0)] if words and not words[0].startswith("-") else known
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise Failure(f"No benchmark {', '.join(unknown)}.", f"There are: {', '.join(known) or 'none yet'}.")

        def action(env: dict[str, str]) -> int:
            worst, ratios = 0, []
            for name in names:
                say(f"\n=== {name} ===")
                command = [str(self.settings.python), "-m", f"tests.benchmarks.{name}", *words]
                code, lines = shown(command, cwd=self.settings.root, env=env)
                ratios += [line for line in lines if line.startswith("ratio ")]
                worst = worst or code
            if len(names) > 1:
                say()
                for line in ratios:
                    say(line)
            return worst

        return self.with_templates(action)

    def stress(self) -> int:
        """`make stress`: the crash tests with many random kills."""

        def action(env: dict[str, str]) -> int:
            if not has_tests(self.settings, "tests/crash"):
                raise Failure("tests/crash holds no tests.")
            stage = next(stage for stage in STAGES if stage.name == "real")
            words = ["-p", "no:odoo", "--timeout=0", "tests/crash", *self.settings.arguments]
            count = self.pytest(stage, words, env | {"COMMUNITY_STRESS": "1"})
            say(str(count))
            return 1 if count.failed else 0

        return self.with_templates(action)

    def evaluate(self) -> int:
        """`make evaluate ARGS="NAME --data FILE"`: accuracy figures of the analysis, no database."""
        if not self.settings.arguments:
            raise Failure("Which evaluation?", 'For example: make evaluate ARGS="intent --data FILE"')
        name, *words = self.settings.arguments
        if not (self.settings.root / "tests" / "evaluation" / f"{name}.py").exists():
            raise Failure(f"There is no tests/evaluation/{name}.py.")
        packages.ensure_python(self.settings, tests=True)
        command = [str(self.settings.python), "-m", f"tests.evaluation.{name}", *words]
        return subprocess.run(command, cwd=self.settings.root, env=self.environment(), check=False).returncode

    def train(self) -> int:
        """`make train`: the shipped weights of the analysis, on one thread so that they come out the same.

        With arguments (`make train ARGS=--curve`) the training of the first pass alone.
        """
        packages.ensure_python(self.settings, tests=True)
        single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        env = self.environment() | single
        words = self.settings.arguments
        for module in ("analysis.training",) if words else ("analysis.training", "analysis.training_deep"):
            command = [str(self.settings.python), "-m", module, *words]
            code = subprocess.run(command, cwd=self.settings.root / ADDON, env=env, check=False).returncode
            if code:
                return code
        return 0


def shown(command: list[str], **options) -> tuple[int, list[str]]:
    """Run a command with its output shown and kept."""
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    return process.returncode, lines


def read_report(path: Path) -> Count:
    """Counts from a JUnit report; the parts of a test with subtests count as one."""
    try:
        cases = ElementTree.parse(path).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        return Count()
    results: dict[tuple, set[str]] = {}
    for case in cases:
        key = (case.get("classname"), case.get("name"))
        results.setdefault(key, set()).update(part.tag for part in case)
    failed = sum(bool(tags & {"failure", "error"}) for tags in results.values())
    skipped = sum("skipped" in tags and not tags & {"failure", "error"} for tags in results.values())
    return Count(len(results) - failed - skipped, failed, skipped)


def _end_group(process: subprocess.Popen) -> None:
    import signal

    for wanted in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, wanted)
            process.wait(timeout=20)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def command(settings: Settings, name: str) -> int:
    """Run one of the commands of this module."""
    runner = Runner(settings)
    if name == "pins":
        return packages.renew_pins(settings)
    return getattr(runner, name)()
