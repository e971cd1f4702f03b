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


def names_of(path: Path) -> set[str]:
    """What a module can give to others: its names, and the files beside it if it is a package."""
    tree, names = ast.parse(path.read_text(encoding="utf-8")), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names | ({each.stem for each in path.parent.iterdir()} if path.name == "__init__.py" else set())


def test_what_is_imported_exists_also_where_it_is_imported_late():
    missing, known = [], {}
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module.partition(".")[0] in PACKAGES:
                place = ROOT / node.module.replace(".", "/")
                file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
                if file not in known:
                    known[file] = names_of(file) if file.is_file() else {each.stem for each in place.iterdir()}
                missing += [
                    f"{path.relative_to(ROOT)}:{node.lineno} {each.name}"
                    for each in node.names
                    if each.name not in known[file]
                ]
    assert not missing


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


OPENS = {"read_bytes", "read_text", "imread", "fromfile", "memmap"}
OPENED_BEFORE = {  # what they open was checked to be a file, is of this program, or is the system's
    *("answers_file.py", "translate.py", "page.py", "landmarks.py"),
    *("lock.py", "face_cache.py"),  # /proc
    *("face_index.py", "join.py", "merge.py", "workspace.py"),
}


def opens_for_reading(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    modes = [each.value for each in node.args if isinstance(each, ast.Constant)]
    return node.func.attr in OPENS or (node.func.attr == "open" and modes in (["rb"], ["r"]))


def test_files_of_people_are_opened_in_one_way_that_waits_for_no_fifo():
    found = {path.name for path, tree in trees() if any(map(opens_for_reading, ast.walk(tree)))}
    assert found - {"weights.py", "export.py"} == OPENED_BEFORE
