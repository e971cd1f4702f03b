"""The house rules that a machine can hold."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dfl_cli", "models", "samplers")
ALLOWED = {"dfl_cli": {"models", "samplers"}, "models": {"tensorflow", "jax"}, "samplers": set()}
GUARDED = {*PACKAGES, "tensorflow", "jax"}
FILE_LINES, FUNCTION_LINES = 400, 60


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, tree_of(path)) for path in sources()]


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
    names = set()
    for node in ast.walk(tree_of(path)):
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


def test_an_engine_is_named_only_in_its_own_package():
    for engine in ("tensorflow", "jax"):
        home = ROOT / "models" / "engine" / engine
        named = {
            path.relative_to(ROOT).as_posix()
            for path, tree in trees()
            if engine in imported(tree) and home not in path.parents
        }
        assert not named, engine


@pytest.mark.parametrize(
    "module", ["dfl_cli.main", "dfl_cli.options.wizard", "dfl_cli.store.choose_model", "samplers.files.faces"]
)
def test_what_needs_no_network_loads_no_tensorflow(module):
    heavy = ["tensorflow", "keras", "safetensors"] + (["cv2", "numpy"] if module == "dfl_cli.main" else [])
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


# Everything else reads what people and strangers left by samplers/files/regular_file.py, which waits for no FIFO.
READ_WITHOUT_IT = {
    "samplers/files/regular_file.py": "is that file",
    "dfl_cli/translate.py": "catalogs of this program",
    "dfl_cli/web/look.py": "scripts of this program",
    "dfl_cli/web/skeleton.py": "pages of this program",
    "dfl_cli/evaluate/html.py": "styles of this program",
    "dfl_cli/face_networks/bundled.py": "tables of this program",
    "models/installed_file.py": "networks of this program",
    "samplers/geometry/landmarks.py": "tables of this program",
    "samplers/face_cache.py": "numbers of the system",
    "dfl_cli/shards/owner.py": "numbers of the system",
    "dfl_cli/demo/people/workspace.py": "a file that it compares with its own",
    "dfl_cli/video/join.py": "a file that was written just before",
    "models/exchange/export.py": "a file that was written just before",
    "models/weights.py": "saves, whose files were checked before",
}


def reads_a_file(node: ast.AST) -> bool:
    """`path.read_text()`, `path.read_bytes()`, `path.open()`, `path.open("r...")`, and `open` alike."""
    if not isinstance(node, ast.Call):
        return False
    called, places = node.func, node.args
    if isinstance(called, ast.Attribute):
        if called.attr in ("read_text", "read_bytes"):
            return not places
        value = called.value.func if isinstance(called.value, ast.Call) else called.value
        owner = getattr(value, "id", getattr(value, "attr", ""))
        is_open = called.attr == "open" and owner not in NO_PATHS
    else:
        is_open, places = isinstance(called, ast.Name) and called.id == "open", places[1:]
    mode = places[0] if places else ast.Constant("r")
    return is_open and isinstance(mode, ast.Constant) and str(mode.value).startswith("r")


NO_PATHS = ("av", "os", "webbrowser", "Image", "io", "help", "networks", "choice", "NetworkChoice")


def test_nothing_waits_for_a_fifo():
    for path, tree in trees():
        if path.relative_to(ROOT).as_posix() not in READ_WITHOUT_IT:
            found = [node.lineno for node in ast.walk(tree) if reads_a_file(node)]
            assert not found, f"{path.relative_to(ROOT)}: lines {found}; see samplers/files/regular_file.py"
