"""A Neovim without a screen that a test types into; must not know what this project's plugin does.

Every question goes through `nvim --server`, so that keys are read as those of a user, in any version from 0.7 on.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_QUESTION_S = 20.0
_WAIT_S = 30.0
"""For the slowest machine: a server that starts its compiler."""


@dataclass(frozen=True, slots=True)
class Nvim:
    """A running Neovim."""

    program: Path
    socket: Path
    environment: dict[str, str]

    def lua(self, code: str, *arguments: object) -> Any:
        """What a piece of Lua returns. It sees its arguments as `...`, and is an expression or has statements."""
        chunk = f"local code = {_quoted(code)} local chunk = assert(load('return ' .. code) or load(code))"
        # Not as the answer itself: 0.7 loses the middle of long ones.
        chunk += (
            f" vim.fn.writefile({{ vim.fn.json_encode(chunk(unpack(_A)) or vim.NIL) }}, {_quoted(str(self.answer))})"
        )
        wrapped = f"(function() {chunk} end)()"
        self._ask("--remote-expr", f"luaeval({_vim(wrapped)}, json_decode({_vim(json.dumps(arguments))}))")
        return json.loads(self.answer.read_text())

    def keys(self, keys: str) -> None:
        """Type, in the notation of Neovim's mappings: `i`, `<Esc>`."""
        self._ask("--remote-send", keys)

    def command(self, line: str) -> None:
        """Run a command of the command line."""
        self.lua("vim.cmd(...) return true", line)

    def until(self, code: str, *arguments: object) -> Any:
        """Wait until a piece of Lua returns something true, and give that."""
        end = time.monotonic() + _WAIT_S
        while not (found := self.lua(code, *arguments)):
            if time.monotonic() > end:
                raise AssertionError(f"waited {_WAIT_S} s for {code}; {self.messages()}")
            time.sleep(0.05)
        return found

    def messages(self) -> str:
        return self.lua("vim.fn.execute('messages')")

    def edit(self, path: Path) -> None:
        self.lua("vim.cmd('edit ' .. vim.fn.fnameescape(...)) return true", str(path))

    def lines(self, buffer: int = 0) -> list[str]:
        return self.lua("vim.api.nvim_buf_get_lines(..., 0, -1, false)", buffer)

    def cursor(self, line: int, column: int = 0) -> None:
        """Go to a line, from 1, as a user does: what waits for moves of the cursor sees one."""
        self.keys(f"<Esc>{line}G0" + (f"{column}l" if column else ""))

    def put(self, line: int, column: int = 0) -> None:
        """The same at once, with no key."""
        self.lua("vim.api.nvim_win_set_cursor(0, {...}) return true", line, column)

    @property
    def answer(self) -> Path:
        """The file in which Neovim answers."""
        return self.socket.with_name("answer.json")

    def _ask(self, *words: str) -> None:
        done = subprocess.run(
            [self.program, "--clean", "--headless", "--server", self.socket, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_QUESTION_S,
        )
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr or done.stdout}")


@contextmanager
def running(program: Path, init: Path, home: Path) -> Generator[Nvim]:
    """A Neovim with `init` for its configuration. Nothing is read or written outside `home`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("NVIM", "XDG_", "VIM"))}
    environment = {**inherited, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "NVIM_LOG_FILE": str(home / "log")}
    socket = home / "nvim.sock"
    command = [program, "--clean", "--headless", "-i", "NONE", "-n", "-u", init, "--listen", socket]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(socket, process)
            yield Nvim(program, socket, environment)
        finally:
            _end(Nvim(program, socket, environment), process)


def version(program: Path) -> str:
    """As in `0.11.4`."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=_QUESTION_S)
    return done.stdout.split()[1].removeprefix("v").partition("-")[0]


def _wait_for(socket: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _WAIT_S
    while not socket.exists():
        assert process.poll() is None, "Neovim ended at once"
        assert time.monotonic() < end, "Neovim does not listen"
        time.sleep(0.02)


def _end(nvim: Nvim, process: subprocess.Popen[bytes]) -> None:
    try:
        nvim.keys("<C-\\><C-n>:qall!<CR>")
        process.wait(_QUESTION_S)
    except (AssertionError, subprocess.TimeoutExpired):
        process.kill()


def _quoted(text: str) -> str:
    """As a string of Lua."""
    return json.dumps(text, ensure_ascii=False)


def _vim(text: str) -> str:
    """As a string of Vim."""
    return "'" + text.replace("'", "''") + "'"
