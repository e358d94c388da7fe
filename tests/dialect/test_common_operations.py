"""The table of common operations, held against what is installed."""

from __future__ import annotations

from enzyme_lsp.dialect import catalog
from enzyme_lsp.dialect.common_operations import COMMON, UNDESCRIBED, terminators
from enzyme_lsp.dialect.ops import OPS


def test_every_common_operation_is_one() -> None:
    known = {name for dialect in catalog.dialects() for name in catalog.names(dialect)}
    dialects = {name.partition(".")[0] for name in known}
    dotted = [name for name in COMMON if "." in name and name.partition(".")[0] in dialects]
    assert [name for name in dotted if name not in known] == []
    assert [name for name in COMMON if name.startswith("enzyme.") and name not in OPS] == []


def test_what_nothing_describes_is_in_no_catalog() -> None:
    assert not set(UNDESCRIBED) & set(catalog.dialects())
    assert all(name.startswith(f"{dialect}.") for dialect, names in UNDESCRIBED.items() for name in names)


def test_what_ends_a_region() -> None:
    assert terminators("func.func") == ("return", "func.return")
    assert terminators("scf.for")[0] == "scf.yield"
    assert terminators("") == ()


def test_names_are_those_of_the_pages() -> None:
    dialects = catalog.dialects()
    for dialect in dialects[:3]:
        assert catalog.names(dialect) == tuple(sorted(catalog.operations(dialect)))
