"""What the real compiler says stands in the right place, however the lines of a text end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.test_process import started

LINES = (
    "func.func @f(%x: f64) -> f64 {",
    '  // "\N{GRINNING FACE}"',
    "  %y = arith.addf %x, %x : f32",
    "  return %y : f64",
    "}",
    "func.func @g() -> f64 {",
    "  %1 = math.nothing",
    "  return %1 : f64",
    "}",
    "",
)


@pytest.mark.engine
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n".join(LINES), id="LF"),
        pytest.param("\r\n".join(LINES), id="CRLF"),
        pytest.param("\r".join(LINES), id="CR"),
        pytest.param("\r\n".join(LINES[:3]) + "\r" + "\n".join(LINES[3:]), id="mixed"),
        pytest.param("\ufeff" + "\r\n".join(LINES), id="BOM"),
    ],
)
async def test_places_are_counted_in_the_lines_of_the_editor(text: str, classic: object) -> None:
    found = await judged(text, 2)
    assert all(each["source"] == "enzyme-ad" for each in found)
    assert [marked(each) for each in found] == ["%x", "math.nothing"]
    assert [each["range"]["start"]["line"] for each in found] == [2, 6]


@pytest.mark.engine
async def test_a_byte_order_mark_is_a_character_of_the_first_line(classic: object) -> None:
    text = "func.func @f(%x: f64) { %y = arith.addf %x, %x : f32 return }\n"
    (plain,), (behind,) = await judged(text, 1), await judged(f"\ufeff{text}", 1)
    start, end = text.index("%x,"), text.index("%x,") + 2
    assert columns(plain) == (start, end)
    assert columns(behind) == (start + 1, end + 1)


async def judged(text: str, count: int) -> list[dict[str, Any]]:
    """The diagnostics, once there are so many of them."""
    found: list[dict[str, Any]] = []
    async with started() as server:
        await server.initialize(diagnostics={"debounceMs": 0, "idleMs": 0})
        server.open(text)
        while len(found) != count:
            found = (await server.notification("textDocument/publishDiagnostics"))["diagnostics"]
        server.send(id=1, method="shutdown")
        await server.answer(1)
        server.send(method="exit")
        assert await server.exit_code() == 0
    found.sort(key=_line)
    return found


def _line(diagnostic: dict[str, Any]) -> int:
    return diagnostic["range"]["start"]["line"]


def marked(diagnostic: dict[str, Any]) -> str:
    start, end = columns(diagnostic)
    return LINES[_line(diagnostic)][start:end]


def columns(diagnostic: dict[str, Any]) -> tuple[int, int]:
    start: dict[str, int] = diagnostic["range"]["start"]
    end: dict[str, int] = diagnostic["range"]["end"]
    assert start["line"] == end["line"]
    return start["character"], end["character"]
