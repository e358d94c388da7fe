"""docs/bindings.md is true: its blocks run in order, and print what stands below them."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import update

if importlib.util.find_spec("mlir") is None:
    pytest.skip("upstream's bindings are not here", allow_module_level=True)

if TYPE_CHECKING:
    from tests.judges import EngineThread

PAGE = Path(__file__).parents[2] / "docs" / "bindings.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```\n(?P<output>.*?)```\n)?", re.DOTALL)


@pytest.mark.engine
def test_the_page_shows_what_its_code_prints(classic: EngineThread):
    variables: dict[str, Any] = {}

    def shown(block: re.Match[str]) -> str:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block["code"], str(PAGE), "exec"), variables)
        code = f"```python\n{block['code']}```\n"
        assert (block["output"] is None) is (not printed.getvalue())
        if block["output"] is None:
            return code
        return f"{code}\n```\n{printed.getvalue().strip()}\n```\n"

    update.check_file(PAGE, BLOCK.sub(shown, PAGE.read_text(encoding="utf-8")))
    assert "the slope of x * x at 3 is 6.0" in PAGE.read_text(encoding="utf-8")
