"""A few of the attacks that `make soak-commands` makes on every command that writes, one for each way in which results come to be."""

import pytest

from attacks import ATTACKS, trial
from commands import TABLE
from soak_commands import BEGIN, END, PAGE

COMMANDS = {command.name: command for command in TABLE}
FEW = (
    "video extract",  # a folder that appears at once
    "video join",  # one file that replaces another
    "model restore",  # a save that becomes current
    "faceset sort",  # renames with a journal
    "faceset resize",  # a file for each face, in a marked folder
    "faceset pack",  # originals that go when the pack is there
)


@pytest.fixture(scope="module", params=FEW)
def one(request, tmp_path_factory):
    with trial(COMMANDS[request.param], tmp_path_factory.mktemp("trial"), seed=1) as made:
        yield made


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_is_lost_and_results_are_whole_or_absent(one, attack):
    for faults in ATTACKS[attack](one, 1):
        assert not faults


def test_the_page_has_a_row_for_every_command_of_the_table():
    table = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    assert [line.split("`")[1] for line in table.splitlines() if "`" in line] == list(COMMANDS)
