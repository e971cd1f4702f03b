"""The files of one model, and how a save replaces the one before it without ever leaving the model unopenable.

A save is a *generation*: a folder written completely under a hidden name, synced to the disk, listed with sha256 in its manifest,
renamed to its real name, and then named by the one-line file `current`. The generation before it stays. Whatever moment the power
goes, `current` names a whole generation or the one before it is found by its manifest.
"""

import contextlib
import functools
import os
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from dfl_cli.store.durable import (
    copy_durably,
    json_bytes,
    link_or_copy,
    remove_folder,
    synced,
    write_hashed,
)
from dfl_cli.store.generation import UNREADABLE, Generation, generation_order, reading_fault
from dfl_cli.store.lock import ModelLock, file_lock
from dfl_cli.store.schemas import FORMAT, HEADER, STATE
from dfl_cli.store.state import State
from dfl_cli.terminal.console import notice
from dfl_cli.terminal.interrupt import unbroken
from dfl_cli.text_files.encoding import read_text
from dfl_cli.text_files.schema import read_checked
from dfl_cli.translate import system_reason, tr
from samplers.files.atomic_file import PARTIAL, sync, write_atomically
from samplers.files.foreign_files import own_files

KEPT_GENERATIONS = 2
KEPT_BACKUPS = 24
COPY_ATTEMPTS = 3
PARTIALS = (f".*{PARTIAL}", f"*/.*{PARTIAL}", f"history/*/.*{PARTIAL}")


class DamagedModel(Exception):
    """No generation of the model at `folder` is whole; `damaged` lists (generation name, what is wrong with it)."""

    def __init__(self, folder: Path, damaged: list[tuple[str, str]]):
        super().__init__(f"{folder}: {damaged}")
        self.folder, self.damaged = folder, damaged


class ModelDir:
    """The folder `<models>/<name>` of DESIGN section 5."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._lock: ModelLock | None = None  # while this object holds it

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def exists(self) -> bool:
        """Whether there is anything to go on from: also where `model.json` or all saves but the backups are lost."""
        return bool(self.generations() or self.backups())

    def lock(self, *, take_over: bool = False) -> ModelLock:
        """A context manager: inside it, nobody else trains or changes this model."""
        self._lock = ModelLock(self.folder, take_over=take_over)
        return self._lock

    def ensure_in_place(self) -> None:
        """Raises LockLost if the folder that `lock` has locked was renamed, deleted or replaced since."""
        if self._lock is not None:
            self._lock.ensure_in_place()

    def header(self) -> dict:
        """`model.json`: format, model_class, structure options. Where it is lost, what a save knows; {} if none does."""
        for path in [self.folder / "model.json", *(one.folder / "state.json" for one in self.generations())]:
            with contextlib.suppress(*UNREADABLE):
                known = read_checked(path, HEADER if path.name == "model.json" else STATE)
                return {"format": known["format"], "model_class": known["model_class"], **known}
        return {}

    def header_fault(self) -> str | None:
        """What is wrong with `model.json`; None if it can be read."""
        try:
            read_checked(self.folder / "model.json", HEADER)
        except UNREADABLE as error:
            return reading_fault(error)
        return None

    def generations(self) -> list[Generation]:
        """Complete generations, newest first: the one `current` names leads, the others follow by the time of the save.

        Iterations do not tell the order: they fall when a backup is restored or pretraining ends.
        """
        folder = self.folder / "generations"
        if not folder.is_dir():
            return []
        found = [Generation(path) for path in own_files(folder) if path.is_dir()]
        current = self._current_name()
        return sorted(
            found,
            key=lambda one: (one.folder.name == current, one.saved_at, generation_order(one.folder.name)),
            reverse=True,
        )

    def newest(self) -> tuple[Generation, list[tuple[str, str]]]:
        """The newest whole generation, and the damaged newer ones that were passed over as (name, fault).

        Raises:
            DamagedModel: none is whole.
        """
        damaged = []
        for generation in self.generations():
            fault = generation.fault()
            if fault is None:
                return generation, damaged
            damaged.append((generation.folder.name, fault))
        raise DamagedModel(self.folder, damaged)

    def make_current(self, generation: Generation) -> None:
        """Let `current` name it; the next save then keeps it as the one before, in the place of a newer one that is damaged."""
        if self._current_name() != generation.folder.name:
            write_atomically(self.folder / "current", f"{generation.folder.name}\n".encode())

    def create(self, model_class: str, structure: Mapping, *, imported_from: str | None = None) -> None:
        """Write `model.json`, which never changes afterwards; `imported_from` is what DeepFaceLab calls the model."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "generations").mkdir(exist_ok=True)
        header = {"format": FORMAT, "model_class": model_class, "structure": dict(structure)}
        header |= {"imported_from": imported_from} if imported_from else {}
        write_atomically(self.folder / "model.json", json_bytes(header))

    def save(self, state: Mapping, writers: Mapping[str, Callable[[Path], object]]) -> Generation:
        """Make a new current generation. If that fails, the old one stays current and nothing is left of the new one.

        Args:
            state: a `State`, or what one is made of; becomes state.json.
            writers: file name -> function that writes that file to the path it is given; one that syncs and hashes as it
                writes returns the dict for the manifest (`write_hashed`), other files are read back.
        """
        self.ensure_in_place()
        generations = self.folder / "generations"
        generations.mkdir(parents=True, exist_ok=True)
        state = State(state)
        before, name = self._current_name(), self._free_name(state.iteration)
        partial = generations / f".{name}{PARTIAL}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            self._fill(partial, state, writers)
            self.ensure_in_place()
            partial.rename(generations / name)
            sync(generations)
            self.make_current(Generation(generations / name))
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            if (generations / name).exists() and self._current_name() != name:
                remove_folder(generations / name)
            raise
        self._prune(before)
        return Generation(generations / name)

    def _fill(self, folder: Path, state: State, writers: Mapping[str, Callable[[Path], object]]) -> None:
        """The files of a generation, written, listed and on the disk."""
        files = {}
        for name, write in writers.items():
            written = write(folder / name)
            files[name] = written if isinstance(written, dict) else synced(folder / name)
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        described = {"format": FORMAT, **state.saved(now)}
        files["state.json"] = write_hashed(folder / "state.json", [json_bytes(described)])
        write_hashed(folder / "manifest.json", [json_bytes({"format": FORMAT, "files": dict(sorted(files.items()))})])
        sync(folder)

    def backup(self, preview: Path | None = None, *, link: bool = True) -> Path:
        """Copy the newest whole generation to backups/01 and move the older ones up; the 24th is dropped.

        Files are hard links where the file system can, unless `link` is False: a generation is never written to again. May be
        called while another process trains the model.
        """
        backups = self.folder / "backups"
        backups.mkdir(exist_ok=True)
        with file_lock(backups / ".lock"):
            partial = backups / f".new{PARTIAL}"
            try:
                self._copy_newest(partial, link_or_copy if link else copy_durably)
                if preview is not None and preview.is_file():
                    shutil.copy2(preview, partial / preview.name)
                with unbroken():
                    remove_folder(backups / f"{KEPT_BACKUPS:02d}")
                    for number in range(KEPT_BACKUPS - 1, 0, -1):
                        with contextlib.suppress(FileNotFoundError):
                            (backups / f"{number:02d}").rename(backups / f"{number + 1:02d}")
                    partial.rename(backups / "01")
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
            sync(backups)
        return backups / "01"

    def _copy_newest(self, target: Path, copy: Callable) -> None:
        """Link or copy the files of the newest whole generation; again where a trainer elsewhere removed it meanwhile."""
        for attempt in reversed(range(COPY_ATTEMPTS)):
            generation, _ = self.newest()
            shutil.rmtree(target, ignore_errors=True)
            try:
                target.mkdir()
                for path in generation.folder.iterdir():
                    if path.is_file():
                        copy(path, target / path.name)
            except FileNotFoundError:
                if attempt and not generation.folder.exists():
                    continue
                raise
            else:
                return

    def best(self) -> Generation | None:
        """The whole save with the highest quality that was kept as the best; None without one."""
        kept = [one for one in self._kept_best() if one.fault() is None and one.state().quality is not None]
        return max(kept, key=lambda one: one.state().quality, default=None)

    def is_best(self, state: State) -> bool:
        """Whether a save with this state is better than those that were kept."""
        if state.quality is None or state.suspicion:
            return False
        kept = self.best_state()
        return kept is None or state.quality > kept.quality

    def best_state(self) -> State | None:
        """Of the best save that was kept, whose other files are not looked at."""
        found = []
        for one in self._kept_best():
            with contextlib.suppress(*UNREADABLE):
                found.append(one.state())
        return max((state for state in found if state.quality is not None), key=lambda one: one.quality, default=None)

    def _kept_best(self) -> list[Generation]:
        """One, and for a moment two."""
        folder = self.folder / "best"
        if not folder.is_dir():
            return []
        return [Generation(path) for path in own_files(folder) if path.is_dir() and not path.name.startswith(".")]

    def keep_best(self, generation: Generation) -> Path:
        """Copy a save to `best`, by hard links where that is possible, and remove the ones that were kept before."""
        folder = self.folder / "best"
        folder.mkdir(exist_ok=True)
        target, partial = folder / generation.folder.name, folder / f".new{PARTIAL}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            for path in generation.folder.iterdir():
                link_or_copy(path, partial / path.name)
            sync(partial)
            with unbroken():
                remove_folder(target)  # of a training that was rolled back, and has come here again
                partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        sync(folder)
        for other in self._kept_best():
            if other.folder != target:
                remove_folder(other.folder)
        return target

    def restore(self, backup: Path) -> Generation:
        """Make the backup in that folder the current generation; the one it replaces stays as the one before it.

        A backup whose files are its own keeps them to itself.
        """
        listed = Generation(backup).files()
        copies = {
            path.name: functools.partial(link_or_copy if path.stat().st_nlink > 1 else shutil.copy2, path)
            for path in backup.iterdir()
            if path.name in listed and path.name != "state.json"
        }
        return self.save(Generation(backup).state(), copies)

    def backups(self) -> list[Path]:
        """The backups there are, newest first."""
        return sorted(path for path in (self.folder / "backups").glob("[0-9][0-9]") if path.is_dir())

    def clean(self) -> list[str]:
        """Remove what an interrupted save or backup left; returns the names that were removed."""
        removed = []
        with file_lock(self.folder / "backups" / ".lock"):
            for path in [path for pattern in PARTIALS for path in self.folder.glob(pattern)]:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
                removed.append(path.name.strip(".").removesuffix(PARTIAL))
        return removed

    def bytes(self) -> int:
        """Size on disk; hard-linked backups count once."""
        sizes = {}
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                status = path.lstat()
                if path.is_file():
                    sizes[status.st_dev, status.st_ino] = status.st_size
        return sum(sizes.values())

    def _current_name(self) -> str:
        try:
            return read_text(self.folder / "current").strip()
        except (OSError, ValueError):
            return ""

    def _free_name(self, iteration: int) -> str:
        """Seven digits; a second save of the same iteration gets `.2`, because an existing generation is never touched."""
        folder, name, count = self.folder / "generations", f"{iteration:07d}", 1
        candidate = name
        while os.path.lexists(folder / candidate):
            count += 1
            candidate = f"{name}.{count}"
        return candidate

    def _prune(self, before: str) -> None:
        """Keep the newest saves, the newest that is not doubtful, and the one that a rollback went to until a later one is good.

        `before` was current until now, whatever clocks say.
        """
        first, *others = self.generations()
        generations = [first, *sorted(others, key=lambda one: one.folder.name != before)]
        good = next((one for one in generations if not one.suspicious), None)
        for generation in generations[KEPT_GENERATIONS:]:
            if generation is not good and generation.folder.name != first.refuge:
                remove_folder(generation.folder)


def saved_models(models: Path) -> list[ModelDir]:
    """The models of a folder, the most recently saved first. One that cannot be read is reported."""
    if not models.is_dir():
        return []
    found = []
    for one in map(ModelDir, own_files(models)):
        try:
            if one.folder.is_dir() and one.exists:
                found.append(one)
        except OSError as error:
            mention_unreadable(one.name, system_reason(error))
    return sorted(found, key=_last_saved, reverse=True)


@functools.cache
def mention_unreadable(name: str, reason: str) -> None:
    """Once."""
    notice(tr("The model {name} is left out: it cannot be read ({reason}).", name=name, reason=reason))


def _last_saved(model_dir: ModelDir) -> tuple[str, float]:
    """What the newest save says of itself; copying a model changes the times of its files. Those count for what cannot be read."""
    saves = model_dir.generations()
    try:
        changed = (model_dir.folder / "current").stat().st_mtime
    except OSError:
        changed = 0.0
    return saves[0].saved_at if saves else "", changed
