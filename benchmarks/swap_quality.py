"""Whether the scores of `dfl evaluate` rise while a model learns: the demo's model, scored at several iterations of one training.

    python benchmarks/swap_quality.py --workspace DIR [--points 200 400 800 1600] [--max-faces 48]

Draws the demo's people into the workspace unless it holds faces already, trains up to each point in turn, and prints a table
with a row for each score and a column for each point; the scores themselves are in DIR/swap_quality.json. A point that is
there already is not measured again.
"""

import argparse
import json
from pathlib import Path

from dfl_cli.demo.command import NAME, draw_people, train
from dfl_cli.evaluate.evaluate import Options, evaluate
from dfl_cli.evaluate.faces import Square
from dfl_cli.faceset.loading import load_faceset
from dfl_cli.store.saved_model import find_model
from dfl_cli.store.workspace import Workspace
from models.engine import runtime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--points", type=int, nargs="+", default=[200, 400, 800, 1600])
    parser.add_argument("--max-faces", type=int, default=48)
    args = parser.parse_args()
    workspace = Workspace(args.workspace.absolute())
    if not workspace.dst.is_dir():
        draw_people(workspace)
    path = workspace.root / "swap_quality.json"
    found = json.loads(path.read_text()) if path.exists() else {}
    for point in sorted(args.points):
        if str(point) not in found:
            found[str(point)] = scored(workspace, point, args.max_faces)
            path.write_text(json.dumps(found, indent=1))
    print_table({point: found[str(point)] for point in sorted(args.points)})


def scored(workspace: Workspace, point: int, most: int) -> dict:
    """Train up to `point` and score what was saved."""
    runtime.prepare("cpu")
    train(workspace, point)
    saved = find_model(workspace.models, NAME)
    truth = workspace.root / "truth"
    options = Options(most=most, truth=truth if truth.is_dir() else None)
    src, dst = (load_faceset(folder) for folder in (workspace.src, workspace.dst))
    return evaluate(saved.build(), src, dst, Square.of(saved.options), options).as_json()


def print_table(found: dict[int, dict]) -> None:
    """Floor and chance are those of the last point."""
    last = list(found.values())[-1]
    print(" ".join([f"{'iteration':24}", *(f"{point:>9}" for point in found), f"{'floor':>9} {'chance':>9}"]))
    for name in last["floor"]:
        numbers = [*(one[name] for one in found.values()), last["floor"][name], last["chance"][name]]
        print(" ".join([f"{name:24}", *(f"{'-' if each is None else format(each, '.3f'):>9}" for each in numbers)]))


if __name__ == "__main__":
    main()
