"""The questions on a real terminal, in both languages."""

import json
import re
import sys
import time
from pathlib import Path

import pexpect
import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.option import Ask
from terminal import Terminal

ROOT = Path(__file__).resolve().parents[3]

ASK = """
import json, sys
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_override, ask_table
from dfl_cli.translate import set_language
language, given = sys.argv[1], json.loads(sys.argv[2])
set_language(language)
print("answers", json.dumps(ask_table(SAEHD.table, given=given)))
"""

ASK_WITH_COSTS = """
import json, sys
from dfl_cli.classes.registry import CLASSES
from dfl_cli.options.wizard import ask_table
from dfl_cli.train.costs.model_costs import ModelCosts, cost_line
from dfl_cli.translate import set_language
name, language = sys.argv[1:]
set_language(language)
known = CLASSES[name]
def costs(answers):
    return cost_line(ModelCosts(model_class=name, options=known.with_fixed(answers)))
facts = {"finds_batch_size": True}
print("answers", json.dumps(ask_table(known.table, costs=costs, facts=facts)), "tensorflow" in sys.modules)
"""

OVERRIDE = """
import sys
from dfl_cli.options.wizard import ask_override
from dfl_cli.translate import set_language
set_language(sys.argv[1])
print("override", ask_override(silent="silent" in sys.argv))
"""

MODEL_THEN_OPTIONS = """
import json, sys, time
from pathlib import Path
from dfl_cli.classes.saehd import SAEHD
from dfl_cli.options.wizard import ask_table
from dfl_cli.store.choose_model import choose_model
from dfl_cli.terminal.console import Console
console = Console()
name = choose_model(Path(sys.argv[1]), "SAEHD", console=console)
print("working", flush=True)
time.sleep(1 if "slow" in sys.argv else 0)
print("answers", json.dumps({**ask_table(SAEHD.table, console=console), "name": name}))
"""


def start(code: str, *arguments: str, term: str = "xterm-256color", dimensions=(60, 200)) -> Terminal:
    return Terminal(sys.executable, ["-c", code, *arguments], cwd=ROOT, dimensions=dimensions, term=term)


def accept_the_rest(child: Terminal) -> None:
    """Press Enter at every question that is left."""
    while child.expect_exact(["help ) : ", "answers {"]) == 0:
        child.sendline("")
    child.seen -= len("answers {")


def answers_of(child: Terminal) -> dict:
    child.expect(pexpect.EOF)
    return json.loads(re.search(r"answers (\{.*\})", child.before.replace("\n", ""))[1])  # wrapped by the terminal


# With these answers every one of the 32 questions comes; (question, what is typed).
FIRST_RUN = [
    ("[0] Autobackup every N hour ( 0..24 ?:help ) : ", ""),
    ("[n] Write preview history ( y/n ?:help ) : ", "y"),
    ("[n] Choose image for the preview history ( y/n ?:help ) : ", ""),
    ("[0] Target iteration ( ?:help ) : ", "1000"),
    ("[n] Flip SRC faces randomly ( y/n ?:help ) : ", ""),
    ("[y] Flip DST faces randomly ( y/n ?:help ) : ", "n"),
    ("[4] Batch_size ( ?:help ) : ", "8"),
    ("[128] Resolution ( 64-640 ?:help ) : ", "192"),
    ("[f] Face type ( h/mf/f/wf/head ?:help ) : ", "wf"),
    ("[liae-ud] AE architecture ( ?:help ) : ", "df-udt"),
    ("[256] AutoEncoder dimensions ( 32-1024 ?:help ) : ", ""),
    ("[64] Encoder dimensions ( 16-256 ?:help ) : ", ""),
    ("[64] Decoder dimensions ( 16-256 ?:help ) : ", "48"),
    ("[16] Decoder mask dimensions ( 16-256 ?:help ) : ", ""),
    ("[y] Masked training ( y/n ?:help ) : ", ""),
    ("[n] Eyes and mouth priority ( y/n ?:help ) : ", "y"),
    ("[n] Uniform yaw distribution of samples ( y/n ?:help ) : ", ""),
    ("[n] Blur out mask ( y/n ?:help ) : ", ""),
    ("[y] Place models and optimizer on GPU ( y/n ?:help ) : ", ""),
    ("[y] Use AdaBelief optimizer? ( y/n ?:help ) : ", ""),
    ("[n] Use learning rate dropout ( n/y/cpu ?:help ) : ", "cpu"),
    ("[y] Enable random warp of samples ( y/n ?:help ) : ", ""),
    ("[0.0] Random hue/saturation/light intensity ( 0.0 .. 0.3 ?:help ) : ", "0.05"),
    ("[0.0] GAN power ( 0.0 .. 5.0 ?:help ) : ", "0.1"),
    ("[24] GAN patch size ( 3-640 ?:help ) : ", ""),
    ("[16] GAN dimensions ( 4-512 ?:help ) : ", ""),
    ("[0.0] 'True face' power. ( 0.0000 .. 1.0 ?:help ) : ", "0.01"),
    ("[0.0] Face style power ( 0.0..100.0 ?:help ) : ", ""),
    ("[0.0] Background style power ( 0.0..100.0 ?:help ) : ", ""),
    ("[none] Color transfer for src faceset ( none/rct/lct/mkl/idt/sot ?:help ) : ", "rct"),
    ("[n] Enable gradient clipping ( y/n ?:help ) : ", ""),
    ("[n] Enable pretraining mode ( y/n ?:help ) : ", ""),
]


def test_a_first_run_asks_all_questions_in_order():
    child = start(ASK, "en", "{}")
    for question, typed in FIRST_RUN:
        child.expect_exact(question)
        child.sendline(typed)
    answers = answers_of(child)
    of_saved_models = {"corrected_samples"}
    asked = {option.key for option in SAEHD.table if option.ask is not Ask.NEVER} - of_saved_models
    assert len(FIRST_RUN) == len(asked)
    assert set(answers) == {option.key for option in SAEHD.table}
    chosen = {
        "target_iter": 1000,
        "random_dst_flip": False,
        "archi": "df-udt",
        "d_mask_dims": 16,
        "lr_dropout": "cpu",
        "gan_patch_size": 24,
    }
    assert {key: answers[key] for key in chosen} == chosen


COSTS = r"\d+\.\d million parameters, about [\d.]+ [MG]B at batch size"
COSTS_ZH = r"参数量 \d+\.\dM，批次大小 \d+ 时约需 [\d.]+ [MG]B"


def test_a_line_about_the_costs_follows_each_answer_that_sizes_the_networks_and_no_other():
    child = start(ASK_WITH_COSTS, "SAEHD", "en")
    lines = {}
    for question, typed in FIRST_RUN:
        child.expect_exact(question)
        lines[question] = child.before.splitlines()[1:]  # the first is what was typed
        child.sendline(typed)
    child.expect_exact("answers ")
    after = [lines[question] for question, _ in FIRST_RUN[1:]] + [child.before.splitlines()[1:]]
    following = {
        question.split("] ")[1].split(" (")[0]: said for (question, _), said in zip(FIRST_RUN, after, strict=True)
    }
    costly = {label for label, said in following.items() if any(re.fullmatch(f"{COSTS} 8", line) for line in said)}
    assert costly == {
        "Resolution", "AE architecture", "AutoEncoder dimensions", "Encoder dimensions", "Decoder dimensions",
        "Decoder mask dimensions", "GAN patch size", "GAN dimensions",
    }  # fmt: skip
    assert sum("million" in line for said in following.values() for line in said) == len(costly)
    child.expect_exact("} False")  # no TensorFlow


def test_the_costs_follow_what_is_answered_and_going_back():
    child = start(ASK_WITH_COSTS, "AMP", "zh")
    while child.expect(["批次大小", r"help \) : "]) == 1:
        child.sendline("")
    child.sendline("auto")
    child.expect_exact("分辨率")
    child.sendline("128")
    child.expect(COSTS_ZH)
    while child.expect_exact(["中间层维度", "help ) : "]) == 1:
        child.sendline("")
    child.sendline("64")
    child.expect(r"参数量 (\d+\.\d)M")
    small = float(child.match[1])
    child.expect_exact("[64] 编码器维度")
    child.sendline("<")
    child.expect_exact("中间层维度")
    child.sendline("512")
    child.expect(r"参数量 (\d+\.\d)M")
    assert float(child.match[1]) > small + 10
    accept_the_rest(child)
    assert answers_of(child)["batch_size"] == "auto"


def test_help_bad_input_and_clamping():
    child = start(ASK, "en", "{}")
    for _ in range(6):
        child.expect_exact(" ) : ")
        child.sendline("")
    child.expect_exact("[128] Resolution ( 64-640 ?:help ) : ")
    child.sendline("?")
    child.expect_exact("Side of the square face the model learns, in pixels.")
    child.expect_exact("[128] Resolution ( 64-640 ?:help ) : ")
    child.sendline("large")
    child.expect_exact('"large" is not valid here. Enter a whole number from 64 to 640.')
    child.expect_exact("[128] Resolution ( 64-640 ?:help ) : ")
    child.sendline("70")
    child.expect_exact("70 is not a multiple of 16: using 64")
    child.expect_exact("[f] Face type")
    child.sendline("dog")
    child.expect_exact('"dog" is not valid here. Enter one of h, mf, f, wf, head.')
    child.expect_exact("[f] Face type")
    child.sendline("WF")
    child.expect_exact("[liae-ud] AE architecture")
    child.sendline("dg")
    child.expect_exact('"dg" is not valid here. Enter df or liae')
    child.sendline("df")
    child.expect_exact("[256] AutoEncoder dimensions ( 32-1024 ?:help ) : ")
    child.sendline("1500")
    child.expect_exact("1500 is above 1024: using 1024")
    accept_the_rest(child)
    assert answers_of(child)["ae_dims"] == 1024


def test_chinese_questions_have_plain_labels_and_take_chinese_answers():
    child = start(
        ASK, "zh", '{"autobackup_hour": 0, "target_iter": 0, "batch_size": 4, "resolution": 128, "archi": "df-ud"}'
    )
    child.expect_exact("[n] 保存预览历史 ( y/n ?:help ) : ")
    child.sendline("是")
    child.expect_exact("[n] 为预览历史选择图像 ( y/n ?:help ) : ")
    child.sendline("")
    child.expect_exact("[n] 随机翻转 SRC 人脸 ( y/n ?:help ) : ")
    child.sendline("也许")
    child.expect_exact("“也许”无效，请输入：y 或 n（也可输入 是 或 否）。")
    child.sendline("？")
    child.expect_exact("一半概率把 SRC 人脸左右镜像")
    child.expect_exact("[n] 随机翻转 SRC 人脸")
    child.sendline("否")
    child.expect_exact("[y] 随机翻转 DST 人脸")
    child.sendline("否")
    child.expect_exact("[f] 人脸类型 ( h/mf/f/wf/head ?:help ) : ")
    child.sendline("")
    child.expect_exact("[256] 自动编码器维度 ( 32-1024 ?:help ) : ")
    child.sendline("５０００")
    child.expect_exact("5000 大于 1024：改用 1024")
    child.expect_exact("[64] 编码器维度")
    accept_the_rest(child)
    answers = answers_of(child)
    assert [answers[key] for key in ("write_preview_history", "random_src_flip", "random_dst_flip", "ae_dims")] == [
        True,
        False,
        False,
        1024,
    ]


@pytest.mark.parametrize(
    ("language", "warning"),
    [
        ("en", "End of input. Answer the question, or end the input again to leave."),
        ("zh", "输入已结束。请回答问题；再次结束输入则退出。"),
    ],
)
def test_the_end_of_input_asks_again_and_the_second_leaves_without_answers(language, warning):
    child = start(ASK, language, "{}")
    child.expect_exact(" ) : ")
    child.sendline("2")
    child.expect_exact("保存预览历史" if language == "zh" else "Write preview history")
    child.sendcontrol("d")
    child.expect_exact(warning)
    child.expect_exact("保存预览历史" if language == "zh" else "Write preview history")
    child.sendcontrol("d")
    child.expect_exact("LeftAtQuestion")
    child.expect(pexpect.EOF)
    assert "answers" not in child.before


def test_an_answer_after_the_end_of_input_counts():
    child = start(ASK, "en", "{}")
    for _ in range(3):  # the second in a row would leave, the second at all does not
        child.expect_exact(" ) : ")
        child.sendcontrol("d")
        child.expect_exact("End of input.")
        child.expect_exact(" ) : ")
        child.sendline("1")
    accept_the_rest(child)
    answers = answers_of(child)
    assert (answers["autobackup_hour"], answers["write_preview_history"]) == (1, True)


@pytest.mark.parametrize(
    ("begin", "end"), [("", "\n"), ("", ""), ("\x1b[200~", "\x1b[201~"), ("\x1b[200~", "\n\x1b[201~")]
)
def test_pasted_lines_answer_the_questions_one_after_the_other(begin, end):
    child = start(ASK, "en", "{}")
    child.expect_exact(" ) : ")
    child.send(f"{begin}3\ny\n\n500{end}")
    child.expect_exact("Target iteration ( ?:help ) : 500")
    if "\n" not in end:  # as in a shell, the last line waits for Enter
        child.send("0\r")
    accept_the_rest(child)
    answers = answers_of(child)
    keys = ("autobackup_hour", "write_preview_history", "choose_preview_history", "target_iter")
    assert [answers[key] for key in keys] == [3, True, False, 500 if "\n" in end else 5000]


def test_a_paste_at_the_name_of_the_model_goes_on_into_the_options(tmp_path):
    child = start(MODEL_THEN_OPTIONS, str(tmp_path))
    child.expect_exact("Enter a name of a new model")
    child.send("film\n7\ny\n")
    accept_the_rest(child)
    answers = answers_of(child)
    assert (answers["name"], answers["autobackup_hour"], answers["write_preview_history"]) == ("film", 7, True)


def test_enter_pressed_while_the_program_works_is_no_answer(tmp_path):
    child = start(MODEL_THEN_OPTIONS, str(tmp_path), "slow")
    child.expect_exact("Enter a name of a new model")
    child.send("film\r")
    child.expect_exact("working")
    child.send("9\r")
    child.expect_exact("[0] Autobackup every N hour")
    accept_the_rest(child)
    assert answers_of(child)["autobackup_hour"] == 0


def test_the_end_of_input_in_a_paste_is_one():
    child = start(ASK, "en", "{}")
    child.expect_exact(" ) : ")
    child.send("3\n\x04y\n")
    child.expect_exact("Write preview history")
    child.expect_exact("End of input.")
    accept_the_rest(child)
    answers = answers_of(child)
    assert (answers["autobackup_hour"], answers["write_preview_history"]) == (3, True)


def answer_until(child: Terminal, question: str) -> None:
    """Press Enter at every question before this one."""
    while child.expect_exact([question, "help ) : "]) == 1:
        child.sendline("")


def test_the_way_back_leads_over_questions_that_were_not_asked():
    child = start(ASK, "en", '{"archi": "df-ud", "face_type": "f"}')
    child.expect_exact("< goes back to the previous one.")
    answer_until(child, "[0.0] GAN power")
    child.sendline("0.1")
    child.expect_exact("GAN patch size")
    child.sendline("20")
    child.expect_exact("GAN dimensions")
    child.sendline("?")
    child.expect_exact("< goes back to the previous question.")
    child.sendline("<")
    child.expect_exact("[20] GAN patch size")  # as answered before
    child.sendline("＜")
    child.expect_exact("[0.1] GAN power")
    child.sendline("0")
    child.expect_exact("'True face' power")  # nothing more about the GAN
    child.sendline("<")
    child.expect_exact("[0.0] GAN power")
    accept_the_rest(child)
    answers = answers_of(child)
    assert (answers["gan_power"], answers["true_face_power"]) == (0.0, 0.0)


def test_there_is_no_way_back_from_the_first_question():
    child = start(ASK, "zh", "{}")
    child.expect_exact("[0] 每 N 小时自动备份")
    child.sendline("《")
    child.expect_exact("这是第一个问题。")
    child.expect_exact("[0] 每 N 小时自动备份")
    accept_the_rest(child)
    assert answers_of(child)["autobackup_hour"] == 0


def test_ctrl_c_at_a_question_aborts():
    child = start(ASK, "en", "{}")
    child.expect_exact("Autobackup every N hour")
    child.sendcontrol("c")
    child.expect_exact("KeyboardInterrupt")
    child.expect(pexpect.EOF)
    assert "answers" not in child.before


def test_what_was_typed_before_the_first_question_is_thrown_away():
    child = start("import time; print('ready', flush=True); time.sleep(1)" + ASK, "en", "{}")
    child.expect_exact("ready")
    child.sendline("9")
    child.expect_exact("[0] Autobackup every N hour")
    child.sendline("")
    child.expect_exact("[n] Write preview history")
    accept_the_rest(child)
    assert answers_of(child)["autobackup_hour"] == 0


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "Press enter in 2 seconds to override model settings."), ("zh", "如需修改模型设置，请在 2 秒内按回车。")],
)
def test_enter_in_time_overrides(language, line):
    child = start(OVERRIDE, language)
    child.expect_exact(line)
    child.sendline("")
    child.expect_exact("override True")


def test_waiting_does_not_override():
    child = start(OVERRIDE, "en")
    child.expect_exact("Press enter in 2 seconds")
    begun = time.monotonic()
    child.expect_exact("override False")
    assert time.monotonic() - begun > 1.5


def test_a_silent_start_does_not_wait():
    child = start(OVERRIDE, "en", "silent")
    child.expect_exact("override False")
    assert "Press enter" not in child.before


def test_the_end_of_input_while_waiting_for_enter_does_not_start_at_once():
    child = start(OVERRIDE, "en")
    child.expect_exact("Press enter in 2 seconds")
    child.sendcontrol("d")
    child.expect_exact("End of input.")
    child.sendcontrol("d")
    child.expect_exact("LeftAtQuestion")
    child.expect(pexpect.EOF)
    assert "override" not in child.before
