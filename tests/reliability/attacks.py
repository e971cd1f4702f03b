"""What can happen to a command, and the faults it shows then."""

import hashlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands import Command
from dfl_cli.faceset.renames import JOURNAL
from dfl_cli.store.installing import STEPS
from ground import make_ground
from kill_points import RUNNING, STOPPED, Runs, runs
from samplers.files.atomic_file import PARTIAL
from special_files import put_socket, put_special_files

Tree = Mapping[str, str]  # path below a folder -> what is there

CLUMSY = ("traceback", "unexpected error")  # in small letters
PATIENCE, WAITS = 100.0, 3.0  # seconds; the second is how long one that waits for another is watched


def tree(root: Path) -> Tree:
    """Everything below `root`: the checksum of a file, the target of a link, that it is a folder."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder, name)
            found[path.relative_to(root).as_posix()] = what_is_there(path)
    return found


def what_is_there(path: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if path.is_dir():
        return "folder"
    if not path.is_file():
        return "special"
    if path.stat().st_size > 1 << 30:
        return f"{path.stat().st_size} bytes"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".trash" for part in path.split("/"))


def is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in folders)


def part(of: Tree, folders: tuple[str, ...], *, hidden: bool) -> Tree:
    return {path: what for path, what in of.items() if is_below(path, folders) and (hidden or not is_hidden(path))}


@dataclass
class Trial:
    """A command on ground of its own.

    before  the ground as it was
    after   the ground after an undisturbed run
    varies  paths whose content differs from run to run: they hold times
    """

    command: Command
    runs: Runs
    made: Path
    root: Path
    random: random.Random
    before: Tree
    after: Tree = None
    varies: frozenset = frozenset()
    changes: int = 0

    def fresh(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.made, self.root, symlinks=True)

    def start(self, **how) -> int:
        return self.runs.start(*self.command.words(self.root), root=self.root, **how)

    def run(self, **how) -> tuple[int, str]:
        number = self.start(**how)
        return self.runs.wait(number, PATIENCE), self.runs.said(number)

    def same(self, one: Tree, other: Tree) -> bool:
        """But for times in files."""
        return one.keys() == other.keys() and all(one[path] == other[path] or path in self.varies for path in one)

    def visible(self, of: Tree, *, ended: bool) -> Tree:
        """The results without their sidecars and locks; of what was killed without what is hidden, and without folders."""
        found = part(of, self.command.results, hidden=ended)
        return {path: what for path, what in found.items() if not is_sidecar(path) and (ended or what != "folder")}

    def unlike(self, one: Tree, other: Tree) -> list[str]:
        """The first differences, but for times."""
        paths = one.keys() | other.keys()
        return sorted(path for path in paths if one.get(path) != other.get(path) and path not in self.varies)[:3]

    def faults(self, now: Tree, *, ended: bool, code: int, said: str, again: bool = False) -> Iterator[str]:
        """What is wrong.

        ended  by itself or by a person, not killed: then nothing hidden is left either
        again  it had run before, or another one beside it
        """
        own, extras = self.command.results, self.command.extras
        for path, what in self.before.items():
            if not is_below(path, (*own, *extras)) and not is_hidden(path) and now.get(path) != what:
                yield f"changed {path}"
        rest = own if code == 0 else (*own, *self.command.works)
        finished = {path for path in now if is_below(path, extras) and not path.endswith(PARTIAL)}
        for path in now.keys() - self.before.keys() - finished:
            if not is_below(path, rest) and (ended or not is_hidden(path)) and not is_sidecar(path):
                yield f"left {path}"
        old, new, there = (self.visible(one, ended=ended) for one in (self.before, self.after, now))
        as_old, as_new = self.same(there, old), self.same(there, new)
        marker, more = self.command.marker, again and self.command.adds
        waits = not ended and any(Path(path).name in (STEPS, JOURNAL) for path in now)  # for the next command
        if (decides := self.command.decides) and there.get(decides) == old.get(decides):
            as_old = old.items() <= there.items()
        bare = not ended and marker and marker not in there
        if self.command.whole and not (as_old or as_new or waits or bare or more):
            yield f"neither old nor new: {self.unlike(there, old)} and {self.unlike(there, new)}"
        if not self.command.whole and not more:
            allowed = {path: {old.get(path), new.get(path)} for path in there}
            yield from (
                f"half: {path}"
                for path, what in there.items()
                if what not in allowed[path] | {"folder"} and path not in self.varies
            )
        kept = Counter(now.values())
        for path, what in part(self.before, own, hidden=True).items():
            if len(what) == 64 and not kept[what] and what in self.after.values():
                yield f"lost {path}"
        if code == 0 and not as_new and not self.command.adds:
            yield "exit code 0, and no result"
        if ended and code not in (0, 1, 130, 143):
            yield f"exit code {code}"
        yield from (f"said {word}" for word in CLUMSY if word in said.lower())


def is_sidecar(path: str) -> bool:
    """The index of a face set, the journal of a merge, and locks: empty files that the next command on the same target takes over."""
    name = Path(path).name
    return name in ("lock", ".lock", ".dfl-faces.index", ".dfl-merge.jsonl", ".dfl-extract.jsonl") or name.startswith(
        ".dfl-lock"
    )


@contextmanager
def trial(command: Command, folder: Path, seed: int) -> Iterator[Trial]:
    """The ground is made, and the command run twice without disturbance to learn what it should do."""
    made, root = folder / "made", folder / "ground"
    make_ground(made)
    command.prepare(made)
    with runs(folder / "log", command.modules) as dfl_runs:
        one = Trial(command, dfl_runs, made, root, random.Random(seed), tree(made))
        seen = []
        for pause in (1.1, 0):  # seconds, so that times in files differ
            one.fresh()
            code, said = one.run()
            if code:
                raise RuntimeError(f"{command.name}: exit code {code}\n{said}")
            seen.append(tree(root))
            time.sleep(pause)
        one.after = seen[1]
        one.varies = frozenset(path for path in seen[0].keys() & seen[1].keys() if seen[0][path] != seen[1][path])
        one.changes = dfl_runs.changes(2)
        yield one


def instants(one: Trial, times: int) -> list[int]:
    """Among all changes that the command makes to folders."""
    every = range(1, one.changes + 1)
    return list(every) if len(every) <= times else sorted(one.random.sample(every, times))


def completed(one: Trial) -> Iterator[str]:
    """The same command again brings what an undisturbed run brings, and tidies up."""
    code, said = one.run()
    now = tree(one.root)
    if code and not one.same(one.visible(now, ended=True), one.visible(one.after, ended=True)):
        yield f"then: exit code {code}: {said.strip()[-300:]}"
    yield from (f"then: {fault}" for fault in one.faults(now, ended=True, code=code, said=said, again=True))


def signalled(one: Trial, times: int, by: int) -> Iterator[list[str]]:
    for at in instants(one, times):
        one.fresh()
        code, said = one.run(at=at, by=by)
        killed = code == -signal.SIGKILL or (by == signal.SIGINT and one.command.moves)
        found = list(one.faults(tree(one.root), ended=not killed, code=code, said=said))
        yield [f"{at} of {one.changes}: {fault}" for fault in found or completed(one)]


def kill(one: Trial, times: int) -> Iterator[list[str]]:
    """SIGKILL just before a change, and then the same command again."""
    yield from signalled(one, times, signal.SIGKILL)


def control_c(one: Trial, times: int) -> Iterator[list[str]]:
    """SIGINT just before a change, and then the same command again."""
    yield from signalled(one, times, signal.SIGINT)


def full_disk(one: Trial, times: int) -> Iterator[list[str]]:
    """No file grows over a size; then there is room, and the same command again."""
    largest = max([1, *(size for size in sizes(one))])
    for limit in [0, *(one.random.randrange(largest) for _ in range(times - 1))]:
        one.fresh()
        code, said = one.run(largest_file=limit)
        found = list(one.faults(tree(one.root), ended=True, code=code, said=said))
        yield [f"{limit} bytes: {fault}" for fault in found or completed(one)]


def sizes(one: Trial) -> Iterator[int]:
    """Of what it writes; the ground holds the results of the run before."""
    one.fresh()
    one.run()
    now = tree(one.root)
    yield from (
        (one.root / path).stat().st_size for path in now if len(now[path]) == 64 and one.before.get(path) != now[path]
    )


def read_only(one: Trial, _times: int) -> Iterator[list[str]]:
    """Nobody may write into any folder."""
    one.fresh()
    folders = [one.root, *(path for path in one.root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        code, said = one.run(unprivileged=True)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    faults = list(one.faults(tree(one.root), ended=True, code=code, said=said))
    yield faults + [f"exit code {code}"] * (code != 1)


def twice(one: Trial, times: int) -> Iterator[list[str]]:
    """One stands still just before a change while the other runs; then it goes on."""
    for at in instants(one, times):
        one.fresh()
        first = one.start(at=at, by=signal.SIGSTOP)
        if one.runs.wait(first, PATIENCE) != STOPPED:
            yield [f"{at} of {one.changes}: the first did not stand still"]
            continue
        second = one.start()
        waits = one.runs.wait(second, WAITS) == RUNNING
        one.runs.send(first, signal.SIGCONT)
        codes = [one.runs.wait(number, PATIENCE) for number in (first, second)]
        said = "\n".join(one.runs.said(number) for number in (first, second))
        faults = list(one.faults(tree(one.root), ended=True, code=min(codes), said=said, again=True))
        faults += [f"exit codes {codes}"] * (not {0} <= set(codes) <= {0, 1})
        yield [f"{at} of {one.changes}{', waiting' * waits}: {fault}" for fault in faults]


def special_files(one: Trial, _times: int) -> Iterator[list[str]]:
    """FIFO, socket, device, links to nothing and in a circle, a folder: in each folder and in the place of each file that is read."""
    for path in one.command.reads:
        if (one.made / path).is_dir():
            one.fresh()
            suffix = next((each.suffix for each in sorted((one.root / path).iterdir()) if each.is_file()), "")
            names = set(put_special_files(one.root / path, suffix)) - {f"sparse{suffix}"}
            yield [f"in {path}: {fault}" for fault in after_special(one, [f"{path}/{name}" for name in names])]
        else:
            for name, put in SPECIAL.items():
                one.fresh()
                (one.root / path).unlink()
                put(one.root / path)
                yield [f"{name} as {path}: {fault}" for fault in after_special(one, [path])]


SPECIAL: dict[str, Callable[[Path], None]] = {
    "FIFO": os.mkfifo,
    "socket": put_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "dangling link": lambda path: path.symlink_to(path.with_name("unplugged")),
    "loop": lambda path: path.symlink_to(path.name),
    "folder": Path.mkdir,
}


def after_special(one: Trial, special: Iterable[str]) -> Iterator[str]:
    """It ends, says what it met in plain words, and leaves that and all that is not its result as it was."""
    before = tree(one.root)
    number = one.start()
    code = one.runs.wait(number, PATIENCE)
    if code == RUNNING:
        one.runs.send(number, signal.SIGKILL)
        one.runs.wait(number)
        yield "hangs"
        return
    said, now = one.runs.said(number), tree(one.root)
    if code not in (0, 1):
        yield f"exit code {code}"
    yield from (f"said {word}" for word in CLUMSY if word in said.lower())
    own = (*one.command.results, *one.command.extras)
    stays = {path for path in before if not is_below(path, own)} | set(special)
    if not one.command.moves:
        yield from (f"changed {path}" for path in stays if now.get(path) != before[path])


ATTACKS: dict[str, Callable[[Trial, int], Iterator[list[str]]]] = {
    "SIGKILL": kill,
    "Ctrl-C": control_c,
    "full disk": full_disk,
    "read-only": read_only,
    "twice at once": twice,
    "special files": special_files,
}
