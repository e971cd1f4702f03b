"""Attacks every command that writes and prints a table; `make soak-commands` puts it into docs/reliability.md."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support"), str(ROOT / "tests" / "reliability")]

from attacks import ATTACKS, trial  # noqa: E402 - found by the line above
from commands import TABLE  # noqa: E402

PAGE = ROOT / "docs" / "reliability.md"
SLOWER = 4  # times that commands which load TensorFlow are attacked less often
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="commands; default: all")
    parser.add_argument("--times", type=int, default=20, help="instants, sizes of disks")
    parser.add_argument("--attacks", nargs="*", default=list(ATTACKS))
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    rows, broken = [], 0
    for command in TABLE:
        if given.names and command.name not in given.names:
            continue
        cells = []
        with tempfile.TemporaryDirectory() as folder, trial(command, Path(folder).resolve(), given.seed) as one:
            for name in given.attacks:
                outcomes = list(ATTACKS[name](one, max(1, given.times // (SLOWER if command.slow else 1))))
                bad = [faults for faults in outcomes if faults]
                cells.append(f"{len(outcomes) - len(bad)}/{len(outcomes)}")
                broken += len(bad)
                for faults in bad:
                    print(f"  {command.name}: {name}: {'; '.join(faults)}", flush=True)
        rows.append(f"| `{command.name}` | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    if given.write and not broken:
        rows = in_order({name_of(row): row for row in (*written_rows(), *rows)})
        write(["| command | " + " | ".join(given.attacks) + " |", "|---" * (len(given.attacks) + 1) + "|", *rows])
    return 1 if broken else 0


def written_rows() -> list[str]:
    """The rows that the page has; those of commands that were not attacked now stay."""
    table = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    return [line for line in table.splitlines() if "`" in line]


def name_of(row: str) -> str:
    return row.split("`")[1]


def in_order(rows: dict[str, str]) -> list[str]:
    return [rows[command.name] for command in TABLE if command.name in rows]


def write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + "\n".join([BEGIN, *lines, END]) + after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
