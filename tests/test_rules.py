"""The house rules that a machine can hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dfl_cli", "models", "samplers")
ALLOWED = {"dfl_cli": {"models", "samplers"}, "models": {"tensorflow"}, "samplers": set()}
GUARDED = {*PACKAGES, "tensorflow"}
NAMES_TENSORFLOW = {"runtime.py", "train_step.py", "distribute.py"}
FILE_LINES, FUNCTION_LINES = 400, 60


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sources()]


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of all absolute imports, also those inside functions."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def test_imports_point_one_way():
    for path, tree in trees():
        home = path.relative_to(ROOT).parts[0]
        foreign = imported(tree) & GUARDED - {home} - ALLOWED[home]
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


def test_tensorflow_is_named_only_where_a_step_is_compiled_placed_or_exported():
    named = {path.name for path, tree in trees() if "tensorflow" in imported(tree)}
    assert named <= NAMES_TENSORFLOW


@pytest.mark.parametrize(
    "module", ["dfl_cli.main", "dfl_cli.options.wizard", "dfl_cli.store.choose_model", "samplers.files.faces"]
)
def test_what_needs_no_network_loads_no_tensorflow(module):
    heavy = ["tensorflow", "keras"] + (["cv2", "numpy"] if module == "dfl_cli.main" else [])
    code = f"import sys, {module}; sys.exit(','.join(name for name in {heavy} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_files_and_functions_stay_short():
    for path, tree in trees():
        lines = path.read_text(encoding="utf-8").count("\n")
        assert lines <= FILE_LINES, f"{path.relative_to(ROOT)}: {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = node.end_lineno - node.lineno + 1
                assert length <= FUNCTION_LINES, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def test_no_error_is_swallowed_whole():
    for path, tree in trees():
        bare = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type is None]
        assert not bare, f"{path.relative_to(ROOT)}: bare except in lines {bare}"


def test_nothing_unpickles_or_evaluates_what_it_reads():
    forbidden = re.compile(r"\bpickle\.(loads?|Unpickler)\b|(?<![.\w])(eval|exec)\(")
    for path in sources():
        found = forbidden.search(path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)}: {found and found.group()}"
