"""What a model costs by its options, and the batch size that `auto` finds."""

import re

import pytest

from dfl_cli.classes.registry import CLASSES
from dfl_cli.devices import Gpu
from dfl_cli.errors import UserError
from dfl_cli.main import main
from dfl_cli.options.kinds import AUTO
from dfl_cli.options.wizard import ask_table
from dfl_cli.train.costs.model_costs import LARGEST_AUTO, ModelCosts, auto_line, cost_line
from dfl_cli.translate import set_language

GIGABYTE = 2**30


def costs(model_class: str = "SAEHD", devices=(), **given) -> ModelCosts:
    known = CLASSES[model_class]
    answers = ask_table(known.table, given=given, facts={"finds_batch_size": True}, ask_now=False)
    return ModelCosts(model_class=model_class, options=known.with_fixed(answers), devices=devices)


def card(free_gb: float, index: int = 0) -> Gpu:
    return Gpu(index, "card", f"GPU-{index}", total=round(80 * GIGABYTE), free=round(free_gb * GIGABYTE))


@pytest.mark.parametrize("model_class", ["SAEHD", "AMP", "Quick96"])
def test_the_line_names_parameters_memory_and_batch_size(model_class):
    said = cost_line(costs(model_class, batch_size=8))
    millions = sum(part.weights for part in costs(model_class).parts) / 1e6
    assert re.fullmatch(rf"{millions:.1f} million parameters, about [\d.]+ [MG]B at batch size 8", said)
    set_language("zh")
    assert cost_line(costs(model_class, batch_size=8)).startswith(f"参数量 {millions:.1f}M，批次大小 8 时约需 ")


def test_a_discriminator_counts_only_while_it_is_on():
    assert [part.name for part in costs(archi="df").parts] == ["encoder", "inter", "decoder_src", "decoder_dst"]
    larger = costs(archi="df", gan_power=0.1, true_face_power=0.01)
    assert [part.name for part in larger.parts][4:] == ["code_discriminator", "GAN"]
    pretrained = costs(archi="df", gan_power=0.1, pretrain=True)  # which turns the GAN off
    assert pretrained.parameters == costs(archi="df").parameters < larger.parameters


@pytest.mark.parametrize("free_gb", [8, 9, 11])
def test_auto_is_the_largest_batch_that_fits(free_gb):
    found = costs(resolution=384, batch_size="auto", devices=[card(free_gb)]).with_number()
    size = found.options["batch_size"]
    assert 1 < size < LARGEST_AUTO
    assert found.needed.total(size) <= found.free < 1.2 * found.needed.total(size + 1)
    assert auto_line(found) == f"Batch size {size}: the largest that fits in the {free_gb:.1f} GB free (estimate)."


def test_auto_is_shared_equally_and_has_an_upper_and_a_lower_end():
    three = costs(resolution=320, batch_size="AUTO", devices=[card(12, index) for index in range(3)]).with_number()
    assert three.options["batch_size"] % 3 == 0
    assert costs(batch_size=AUTO, devices=[card(75)]).with_number().options["batch_size"] == LARGEST_AUTO
    full = costs(batch_size=AUTO, devices=[card(0.1), card(0.1, 1)]).with_number()
    assert full.options["batch_size"] == 2 and "even this does not fit in the 102 MB free" in auto_line(full)


def test_without_a_driver_that_tells_auto_is_the_default():
    silent = [Gpu(0, "card", "GPU-0", total=0, free=0)]
    found = costs("AMP", batch_size=AUTO, devices=silent).with_number()
    assert found.options["batch_size"] == 8 and "is not known" in auto_line(found)


def test_auto_needs_somebody_who_finds_the_number():
    with pytest.raises(UserError, match="only once, when dfl train starts"):
        ask_table(CLASSES["SAEHD"].table, given={"batch_size": "auto"}, ask_now=False)


def test_a_run_with_auto_stores_a_number(trainer, capsys):
    answers, written = trainer.root / "auto.toml", trainer.root / "all.toml"
    answers.write_text('batch_size = "auto"\n')
    assert (
        main(words(trainer, f"--answers={answers}", f"--save-answers={written}", "--target-iter=1", "--no-preview"))
        == 0
    )
    assert f"Batch size {LARGEST_AUTO}: the largest" in capsys.readouterr().out
    assert trainer.model().newest()[0].state()["options"]["batch_size"] == LARGEST_AUTO
    assert f"\nbatch_size = {LARGEST_AUTO}\n" in written.read_text()


def test_a_stage_needs_a_number(trainer, capsys):
    answers = trainer.root / "stages.toml"
    answers.write_text('[[stage]]\nuntil_iter = 2\nbatch_size = "auto"\n')
    assert main(words(trainer, f"--answers={answers}")) == 1
    assert "batch_size in stages.toml, line 3 (stage 1) cannot be auto." in capsys.readouterr().err
    assert not trainer.model().exists


def words(trainer, *arguments: str) -> list[str]:
    """A command line that leaves the batch size to the arguments."""
    return [word for word in trainer.words(*arguments) if not word.startswith("--batch-size")]
