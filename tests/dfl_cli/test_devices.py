"""Which GPUs there are, from what nvidia-smi prints, and which are used."""

import pytest

from dfl_cli.devices import Gpu, choose_devices, device_facts, parse_gpus, visible
from dfl_cli.errors import UserError

# The form of `nvidia-smi --query-gpu=index,uuid,name,memory.total,memory.free --format=csv,noheader,nounits`.
THREE_CARDS = """\
0, GPU-ad2367dd-a40e-6b86-6fc3-c44a2cc92c7e, NVIDIA GeForce RTX 3090, 24576, 23893
1, GPU-16a23983-e73e-0945-2095-cdeb50696982, NVIDIA GeForce RTX 3090, 24576, 101
2, GPU-8e7bf39f-9e9b-3e51-1a6c-2f8c8ba7e0f2, NVIDIA T400, 2048, 1913
"""
SHARED_MEMORY = "0, GPU-1f6a3c1e-2e54-3fd8-9d1a-3c6a8b1d5b0e, NVIDIA GB10, [N/A], [N/A]\n"
NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n"


@pytest.fixture
def gpus() -> list[Gpu]:
    return parse_gpus(THREE_CARDS)


def test_index_name_and_memory_are_read(gpus):
    assert [(gpu.index, gpu.name, gpu.total >> 20, gpu.free >> 20) for gpu in gpus] == [
        (0, "NVIDIA GeForce RTX 3090", 24576, 23893),
        (1, "NVIDIA GeForce RTX 3090", 24576, 101),
        (2, "NVIDIA T400", 2048, 1913),
    ]


def test_a_card_that_shares_the_memory_of_the_processor_tells_none():
    assert [(gpu.name, gpu.total, gpu.free) for gpu in parse_gpus(SHARED_MEMORY)] == [("NVIDIA GB10", 0, 0)]


@pytest.mark.parametrize("text", ["", NO_DRIVER, "No devices were found\n", "0, GPU-1\n"])
def test_other_output_holds_no_gpus(text):
    assert parse_gpus(text) == []


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (None, "0 1 2"),
        ("2,0", "2 0"),
        ("1", "1"),
        ("", ""),
        ("-1", ""),
        ("0,7,1", "0"),
        ("GPU-8e7b", "2"),
        ("GPU-", ""),
    ],
)
def test_hidden_gpus_are_not_offered_and_the_rest_counts_from_zero(gpus, wanted, names):
    by_uuid = {gpu.uuid: str(gpu.index) for gpu in gpus}
    shown = visible(gpus, wanted)
    assert " ".join(by_uuid[gpu.uuid] for gpu in shown) == names
    assert [gpu.index for gpu in shown] == list(range(len(shown)))


def test_the_question_shows_memory_and_proposes_all_of_the_best_kind(gpus, typed, capsys):
    assert choose_devices(gpus, console=typed("")) == gpus[:2]
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Choose one or several GPUs, numbers separated by commas.",
        "",
        "[CPU] : CPU",
        "  [0] : NVIDIA GeForce RTX 3090 (23.3 GB of 24.0 GB free)",
        "  [1] : NVIDIA GeForce RTX 3090 (101 MB of 24.0 GB free)",
        "  [2] : NVIDIA T400 (1.9 GB of 2.0 GB free)",
        "",
        "[0,1] Which GPU indexes to choose? ( ?:help ) : 0,1",
    ]


def test_the_order_typed_does_not_matter_and_nonsense_is_asked_again(gpus, typed, capsys):
    assert choose_devices(gpus, console=typed("3", "best", "2, 0")) == [gpus[0], gpus[2]]
    assert capsys.readouterr().out.count("Enter numbers from 0, 1, 2 separated by commas, or CPU.") == 2


def test_the_processor_can_be_chosen(gpus, typed):
    assert choose_devices(gpus, console=typed("Cpu")) == []
    assert choose_devices(gpus, cpu=True) == []


def test_without_a_gpu_nothing_is_asked(typed, capsys):
    assert choose_devices([], console=typed("0")) == []
    assert capsys.readouterr().out == ""


def test_a_silent_start_takes_the_one_gpu_with_most_memory_and_says_so(gpus, capsys):
    assert choose_devices(gpus, silent=True) == [gpus[0]]
    assert "NVIDIA GeForce RTX 3090" in capsys.readouterr().out


def test_gpus_by_flag(gpus):
    assert choose_devices(gpus, given="1,2") == gpus[1:]
    assert choose_devices(gpus, given="cpu") == []
    with pytest.raises(UserError) as refused:
        choose_devices(gpus, given="0,5")
    assert "2: NVIDIA T400" in refused.value.saw


def test_rules_see_the_weakest_gpu_and_how_many_share_a_batch(gpus):
    assert device_facts(gpus) == {"smallest_gpu_bytes": 2048 << 20, "device_count": 3}
    assert device_facts([]) == {"smallest_gpu_bytes": 0, "device_count": 1}
