"""Where enzyme-ad is looked for, with interpreters and packages that only look like it."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from enzyme_lsp.engines.enzyme import client, locate
from enzyme_lsp.engines.interpreters import Missing
from enzyme_lsp.engines.supervisor import Launch
from enzyme_lsp.settings import EngineSettings

if TYPE_CHECKING:
    from pathlib import Path


class Machine:
    """A machine with a PATH of its own, on which our interpreter is one without enzyme-ad."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._bin = folder / "bin"
        self._bin.mkdir()
        # The interpreters below are scripts, and their `#!/bin/sh` needs no PATH.
        monkeypatch.setenv("PATH", str(self._bin))
        monkeypatch.setattr(sys, "executable", self.interpreter("ours", (3, 13)))

    def interpreter(self, name: str, version: tuple[int, int], native: tuple[str, str] | None = None) -> str:
        """A program that says what `locate.py` would."""
        report = {"executable": f"/real/{name}", "version": version, "native": native}
        return self.program(name, f"echo '{json.dumps(report)}'")

    def program(self, name: str, script: str) -> str:
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    def package(self, version: str = "0.0.15") -> tuple[str, str]:
        """A folder as `pip install --target` makes it, and the native module in it."""
        folder = self._folder / "target"
        (folder / "enzyme_ad" / "jax").mkdir(parents=True)
        native = folder / "enzyme_ad" / "jax" / "enzyme_call.so"
        native.touch()
        metadata = folder / f"enzyme_ad-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Name: enzyme-ad\nVersion: {version}\n")
        return str(folder), str(native)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


async def found(**settings: str) -> tuple[str, str, str]:
    """The interpreter, native module and version that are found."""
    launch = await client.find(EngineSettings(**settings))  # pyright: ignore[reportArgumentType] - Strings only.
    assert isinstance(launch, Launch)
    assert launch.argv[1:4] == ("-I", "-S", "-B")
    return launch.argv[0], launch.argv[-2], launch.argv[-1]


async def missing(**settings: str) -> str:
    result = await client.find(EngineSettings(**settings))  # pyright: ignore[reportArgumentType] - Strings only.
    assert isinstance(result, Missing)
    return result.reason


async def test_nothing_is_installed(machine: Machine) -> None:
    assert await missing() == (
        'enzyme-ad is not installed; install it with `pip install "enzyme-lsp[enzyme]"` on Python 3.11, '
        "or set `engine.python`"
    )


async def test_our_own_interpreter_comes_first(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", machine.interpreter("ours", (3, 12), ("/ours.so", "1")))
    machine.interpreter("python3.11", (3, 11), ("/other.so", "2"))
    assert await found() == ("/real/ours", "/ours.so", "1")


async def test_then_those_on_path(machine: Machine) -> None:
    machine.interpreter("python3.11", (3, 11))
    machine.interpreter("python3.12", (3, 12), ("/there.so", "1"))
    assert await found() == ("/real/python3.12", "/there.so", "1")


async def test_a_shim_that_fails_is_passed_over(machine: Machine) -> None:
    machine.program("python3.11", "echo 'no such version' >&2; exit 127")
    machine.interpreter("python3.12", (3, 12), ("/there.so", "1"))
    assert await found() == ("/real/python3.12", "/there.so", "1")


async def test_an_interpreter_that_is_killed_is_asked_once_more(machine: Machine, tmp_path: Path) -> None:
    real, mark = machine.interpreter("real", (3, 11), ("/native", "0.0.15")), tmp_path / "mark"
    machine.program("python3.11", f"[ -e {mark} ] && exec {real}\n: > {mark}\nkill -9 $$")
    assert await found() == ("/real/real", "/native", "0.0.15")
    killed = machine.program("killed", "kill -9 $$")
    assert await missing(python=killed) == f"engine.python: {killed} was killed; set it to a Python that has enzyme-ad"


async def test_a_package_in_a_python_that_cannot_load_it_is_hosted_by_another(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", machine.interpreter("ours", (3, 13), ("/ours.so", "1")))
    assert await missing() == ("enzyme-ad needs Python 3.11 or 3.12, and none was found; set `engine.python` to one")
    machine.interpreter("python3.11", (3, 11))
    assert await found() == ("/real/python3.11", "/ours.so", "1")


async def test_a_folder_is_hosted_by_any_that_can(machine: Machine) -> None:
    folder, native = machine.package("0.0.16")
    machine.interpreter("python3.12", (3, 12), ("/there.so", "1"))
    assert await found(path=folder) == ("/real/python3.12", native, "0.0.16")


async def test_a_folder_is_hosted_by_the_interpreter_that_is_set(machine: Machine) -> None:
    folder, native = machine.package()
    machine.interpreter("python3.11", (3, 11))
    python = machine.interpreter("mine", (3, 12))
    assert await found(path=folder, python=python) == ("/real/mine", native, "0.0.15")


async def test_a_folder_without_it(machine: Machine, tmp_path: Path) -> None:
    assert await missing(path=str(tmp_path)) == (
        f"engine.path: {tmp_path} holds no enzyme_ad, as `pip install --target` would make it there"
    )


async def test_the_interpreter_that_is_set_is_used_whatever_its_version(machine: Machine) -> None:
    python = machine.interpreter("mine", (3, 14), ("/mine.so", "9"))
    assert await found(python=python) == ("/real/mine", "/mine.so", "9")


async def test_the_interpreter_that_is_set_has_none(machine: Machine) -> None:
    python = machine.interpreter("mine", (3, 11))
    assert f"{python} has no enzyme-ad" in await missing(python=python)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo words >&2; exit 1", "(words)"),
        ("echo hello", "(no answer)"),
        ("echo '{}'", "(no answer)"),
        ("echo '[1]'", "(no answer)"),
    ],
)
async def test_the_interpreter_that_is_set_is_none(machine: Machine, script: str, reason: str) -> None:
    python = machine.program("mine", script)
    assert await missing(python=python) == (f"engine.python: {python} is no Python that could have enzyme-ad {reason}")


async def test_the_interpreter_that_is_set_does_not_exist(machine: Machine) -> None:
    assert (await missing(python="/nonexistent/python")).startswith(
        "engine.python: /nonexistent/python does not run ([Errno 2] "
    )


def test_a_folder_tells_the_version(machine: Machine) -> None:
    folder, native = machine.package("0.0.16")
    assert locate.in_folder(folder) == (native, "0.0.16")


def test_an_interpreter_is_asked_without_running_what_lies_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    for name in ("json", "glob", "enzyme_ad", "importlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this folder was merely opened')")
    result = subprocess.run([sys.executable, locate.__file__], cwd=tmp_path, capture_output=True, check=True, text=True)
    report = json.loads(result.stdout)
    assert report["executable"]
    assert report["version"] == list(sys.version_info[:2])
    assert report["native"] is None or os.path.exists(report["native"][0])
