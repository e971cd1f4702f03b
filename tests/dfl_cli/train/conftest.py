"""Two small face sets, and the smallest model the limits allow."""

import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import util
from pathlib import Path
from types import SimpleNamespace

import pytest

from dfl_cli.main import main
from dfl_cli.store.model_dir import ModelDir
from eager import computing_eagerly
from samplers.files.faces import open_faceset

ROOT = Path(__file__).resolve().parents[3]
TINY = [
    "--archi=df", "--resolution=64", "--face-type=wf", "--ae-dims=32", "--e-dims=16", "--d-dims=16", "--d-mask-dims=16",
    "--batch-size=2", "--cpu", "--precision=float32",
]  # fmt: skip


@dataclass
class Trainer:
    """`dfl train` with two face sets and a models folder below `root`."""

    root: Path

    @property
    def src(self) -> Path:
        return self.root / "src"

    @property
    def dst(self) -> Path:
        return self.root / "dst"

    def model(self, name: str = "ab") -> ModelDir:
        return ModelDir(self.root / "models" / name)

    def words(self, *arguments, name: str = "ab") -> list[str]:
        """The command line behind `dfl`, for `main`."""
        places = [f"--src={self.src}", f"--dst={self.dst}", f"--models={self.root / 'models'}", f"--name={name}"]
        return ["train", *places, *TINY, *arguments]

    def line(self, *arguments, name: str = "ab") -> list[str]:
        """The command line, for subprocess or pexpect."""
        return [sys.executable, "-m", "dfl_cli.main", *self.words(*arguments, name=name)]

    def run(self, *arguments, name: str = "ab") -> subprocess.CompletedProcess:
        """Train without a terminal, to the end."""
        line = self.line(*arguments, name=name)
        return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def run_here(self, *arguments, name: str = "ab") -> None:
        """The same in this process, where TensorFlow is loaded once for all tests. Without --seed, which stays in force."""
        assert main(self.words(*arguments, name=name)) == 0


@pytest.fixture(scope="session")
def make_trainer(fixtures):
    """`make_trainer(root)`: face sets of two faces each, and no model yet."""

    def make(root: Path) -> Trainer:
        trainer = Trainer(root)
        names = sorted(path.name for path in (fixtures / "formats").glob("*.jpg"))
        for folder, chosen in ((trainer.src, names[:2]), (trainer.dst, names[2:4])):
            folder.mkdir()
            for name in chosen:
                shutil.copy(fixtures / "formats" / name, folder)
        return trainer

    return make


@pytest.fixture
def trainer(tmp_path, make_trainer) -> Trainer:
    """Face sets of two faces each, and no model yet."""
    return make_trainer(tmp_path)


@pytest.fixture(scope="module")
def few_faces(make_trainer, tmp_path_factory) -> dict:
    """Two faces of either side, as face sets."""
    trainer = make_trainer(tmp_path_factory.mktemp("faces"))
    return {side: open_faceset(trainer.root / side, keeps_index=False) for side in ("src", "dst")}


@pytest.fixture(scope="module")
def two_steps(tmp_path_factory, few_faces):
    """`two_steps(**options)`: a session of two steps, its save, and how to go on from there.

    The module that asks for it computes eagerly: compiling takes longer than its few steps.
    """
    from dfl_cli.bench.save import plan_for
    from dfl_cli.store.saved_model import open_model
    from models.engine import runtime

    runtime.prepare("cpu")
    from dfl_cli.train.open_session import build, open_session

    with ExitStack() as stack:
        stack.enter_context(computing_eagerly())

        def session_of(plan):
            return open_session(plan, few_faces, stack, model=build(plan))

        def train(**options) -> SimpleNamespace:
            plan = plan_for(tmp_path_factory.mktemp("models"), {"ae_dims": 32, **options}, [])
            session = session_of(plan)
            session.step()
            session.step()
            session.saves.save()
            assert session.saves.finish()

            def resumed(model_dir, **changes):
                saved = open_model(model_dir)
                return session_of(replace(plan, model_dir=model_dir, saved=saved, options=plan.options | changes))

            return SimpleNamespace(session=session, saved=open_model(plan.model_dir), resumed=resumed)

        yield train


@pytest.fixture
def light_session(tmp_path):
    """A session whose network only counts: the one of light_trainer.py, with a new model."""
    spec = util.spec_from_file_location("light_trainer", Path(__file__).with_name("light_trainer.py"))
    light_trainer = util.module_from_spec(spec)
    spec.loader.exec_module(light_trainer)
    session = light_trainer.open_session(ModelDir(tmp_path / "ab"), megabytes=0.5)
    yield session
    session.saves.close()
