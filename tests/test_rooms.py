"""Where things may live: imports point from higher rooms to lower ones, and nothing imports in a circle.

A room is a folder, or a file that lies beside folders. Inside every folder the same holds for what is in it.
"""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("dfl_cli", "models", "samplers")
CROWDED = 20  # Python files in one folder

# From the ground up: a room imports only from rooms to the left of it (and from models and samplers).
ROOMS = (
    "version", "units", "translate", "opencv_import", "errors", "child_process", "text_files", "registration", "terminal", "web", "options",
    "shards", "classes", "store", "frames", "devices", "engines", "in_batches", "enhance", "face_networks", "preview", "provenance",
    "video", "model", "extract", "faceset", "review", "evaluate", "train", "xseg", "merge", "swap", "demo", "bench", "doctor", "dfl_names",
    "completion", "main",
)  # fmt: skip


def sources(root: Path) -> dict[str, Path]:
    """Module name -> file, of the three packages below `root`."""
    files = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def imported(code: str) -> frozenset[str]:
    """What the code of a module may import by its name, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return frozenset(names)


def imports(path: Path, known: Mapping[str, Path]) -> set[str]:
    """Modules of `known` that the file names."""
    names = imported(path.read_text(encoding="utf-8"))
    return {name for name in names if name in known and known[name].name != "__init__.py"}


def arrows(root: Path) -> list[tuple[str, str]]:
    """(module, module it imports), all of them."""
    known = sources(root)
    return [(name, target) for name, path in known.items() for target in imports(path, known) if target != name]


def circles(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """One circle for every folder that has one among its children: `dfl_cli: a -> b -> a`."""
    children: dict[str, dict[str, set[str]]] = {}
    for source, target in pairs:
        home, one, other = parting(source, target)
        if one and other:  # else one is the folder of the other
            children.setdefault(home, {}).setdefault(one, set()).add(other)
    found = []
    for home, graph in sorted(children.items()):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            found.append(f"{home or 'top'}: {' -> '.join(reversed(error.args[1]))}")
    return found


def parting(source: str, target: str) -> tuple[str, str, str]:
    """The folder that two modules have in common, and the child of it in which each lies."""
    one, other = source.split("."), target.split(".")
    depth = 0
    while depth < min(len(one), len(other)) and one[depth] == other[depth]:
        depth += 1
    return ".".join(one[:depth]), *(parts[depth] if depth < len(parts) else "" for parts in (one, other))


def upward(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Arrows inside dfl_cli from a lower room to a higher one."""
    level = {room: number for number, room in enumerate(ROOMS)}
    found = []
    for source, target in pairs:
        home, one, other = parting(source, target)
        if home == "dfl_cli" and level[one] < level[other]:
            found.append(f"{source} -> {target}")
    return sorted(found)


def test_nothing_imports_in_a_circle():
    assert circles(arrows(ROOT)) == []


def test_no_room_imports_from_a_higher_one():
    assert upward(arrows(ROOT)) == []


def test_every_room_has_its_place():
    rooms = {name.split(".")[1] for name in sources(ROOT) if name.startswith("dfl_cli.")} - {"locales"}
    assert rooms == set(ROOMS)


def test_no_folder_is_crowded():
    folders: dict[Path, int] = {}
    for path in sources(ROOT).values():
        folders[path.parent] = folders.get(path.parent, 0) + 1
    assert {str(folder): count for folder, count in folders.items() if count > CROWDED} == {}


@pytest.mark.parametrize(
    ("file", "line", "folder"),
    [
        ("dfl_cli/store/lock.py", "from dfl_cli.store import model_dir", "dfl_cli.store"),
        ("dfl_cli/preview/grid.py", "def show():\n    from dfl_cli.train.loop import train", "dfl_cli"),
        ("samplers/files/faces.py", "import samplers.batches", "samplers"),
    ],
)
def test_a_circle_put_in_is_found(tmp_path, file, line, folder):
    for path in sources(ROOT).values():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with (tmp_path / file).open("a", encoding="utf-8") as edited:
        edited.write(f"\n{line}\n")
    assert [found.partition(":")[0] for found in circles(arrows(tmp_path))] == [folder]


def test_an_arrow_that_runs_up_is_found():
    assert upward([("dfl_cli.terminal.keys", "dfl_cli.store.lock")]) == ["dfl_cli.terminal.keys -> dfl_cli.store.lock"]
