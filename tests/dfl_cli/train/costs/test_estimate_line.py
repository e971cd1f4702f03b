"""The line about memory and time before a training starts."""

from dataclasses import replace

import pytest

from dfl_cli.bench.save import plan_for
from dfl_cli.store.saved_model import SavedModel
from dfl_cli.store.state import State
from dfl_cli.train.costs.estimate_line import estimate_line


@pytest.fixture
def new(tmp_path):
    return plan_for(tmp_path, {"ae_dims": 32}, [])


def resumed(plan, *, iteration: int = 400, **changes):
    state = State.of(model_class="SAEHD", iteration=iteration, seed=1, options=dict(plan.options))
    saved = SavedModel(plan.model_dir, plan.model_dir.folder, state)
    return replace(plan, saved=saved, options={**plan.options, **changes})


def write_times(plan, *seconds: float, first: int = 1) -> None:
    rows = "".join(f"{first + number},{each},0.5,0.4\n" for number, each in enumerate(seconds))
    plan.model_dir.folder.mkdir(exist_ok=True)
    (plan.model_dir.folder / "loss.csv").write_text(f"iteration,seconds,src_loss,dst_loss\n{rows}")


def test_of_a_new_model_memory_is_estimated_and_no_time_is_invented(new):
    line = estimate_line(new, "float32")
    assert line.startswith("Estimate: ") and f"at batch size {new.options['batch_size']}." in line
    assert "per iteration" not in line


def test_what_was_measured_before_the_start_gives_the_time_to_the_target(new):
    plan = replace(new, iteration_ms=90.0, options={**new.options, "target_iter": 10_000})
    assert estimate_line(plan, "float32").endswith("; 90 ms per iteration, 15m to iteration 10000.")


def test_a_known_model_takes_as_long_as_in_its_last_run(new):
    plan = resumed(new, target_iter=10_400)
    write_times(plan, 9.0, 0.36, 0.36, 0.36, first=398)  # the first one compiles
    assert estimate_line(plan, "float32").endswith("; 360 ms per iteration, 1h00m to iteration 10400.")
    assert estimate_line(resumed(new), "float32").endswith("; 360 ms per iteration.")


def test_a_time_of_other_settings_says_nothing(new):
    plan = resumed(new, batch_size=2 * new.options["batch_size"])
    write_times(plan, 0.36, 0.36)
    assert "per iteration" not in estimate_line(plan, "float32")
