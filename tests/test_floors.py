"""The house has floors: a file imports only from its own or below, and SQL is never text."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

FLOORS = {
    1: (
        "catalogue",
        "errors",
        "logs",
        "observing",
        "periods",
        "services",
        "settings",
        "tenants",
        "threads",
        "turns",
        "version",
    ),
    2: ("backend",),
    3: ("reports",),
    4: ("rendering",),
    5: ("delivery", "guilds"),
    6: ("runtime", "scheduling"),
    7: ("client", "gateway", "health", "sandbox", "serving", "ui"),
    8: ("__main__", "cli"),
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
COGS = 7
HIGHEST_WITHOUT_DISCORD = 3

SQL_AS_TEXT = {
    "bot/backend/kept.py": "the text of a Core expression, made once",
    "bot/backend/sessions.py": "PRAGMA, SET and BEGIN, for which SQLAlchemy has no constructs",
    "bot/backend/index_sizes.py": "PRAGMA, for which SQLAlchemy has no constructs",
    "bot/backend/indexes.py": "SET and ANALYZE, and the CREATE INDEX that was shown for consent",
    "bot/delivery/state/database.py": "PRAGMA, SET and BEGIN of the state database",
    "bot/sandbox/squadrons.py": "PRAGMA, and compiled inserts of the demo's many rows",
}

FILES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")])
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]


def floor_of(module: str) -> int:
    """The floor of a module by its dotted name; the bare package is below all."""
    package, _, rest = module.partition(".")
    if package == "cogs":
        return COGS
    return FLOOR_OF[rest.partition(".")[0]] if rest else 0


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[str]:
    """What a file imports, wherever in it, for type checkers or to run."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports by a relative name"
            assert node.module is not None
            if node.module in ("bot", "cogs"):
                found += [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                found.append(node.module)
    return found


def sql_as_text(path: Path) -> list[int]:
    """The lines of a file that hand SQL text to a database."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    from_sqlalchemy = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
        if alias.name in ("text", "TextClause")
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if _hands_over_text(call, from_sqlalchemy)]


def _hands_over_text(call: ast.Call, from_sqlalchemy: set[str]) -> bool:
    if isinstance(call.func, ast.Name):
        return call.func.id in from_sqlalchemy
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
    match call.func.attr:
        case "exec_driver_sql" | "executescript":
            return True
        case "text":
            return owner in ("sa", "sqlalchemy")
        case "execute" | "executemany" | "scalar" | "scalars":
            return bool(call.args) and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
        case _:
            return False


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_imports_only_from_its_own_floor_or_below(path: Path) -> None:
    own = module_of(path)
    if own == "bot":
        return
    too_high = [
        name
        for name in imports(path)
        if name.partition(".")[0] in ("bot", "cogs") and floor_of(name) > floor_of(own)
    ]

    assert too_high == []


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_reports_and_below_know_nothing_of_discord(path: Path) -> None:
    if floor_of(module_of(path)) > HIGHEST_WITHOUT_DISCORD:
        return

    assert [name for name in imports(path) if name.partition(".")[0] == "discord"] == []


def test_sql_is_never_text_but_where_there_is_a_reason() -> None:
    with_text = {
        name: lines for name, path in zip(NAMES, FILES, strict=True) if (lines := sql_as_text(path))
    }

    assert with_text.keys() - SQL_AS_TEXT.keys() == set(), with_text
    assert SQL_AS_TEXT.keys() - with_text.keys() == set(), "no longer needed"
