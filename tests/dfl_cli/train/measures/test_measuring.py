"""A model is measured on held-out examples now and then."""

import pytest

from dfl_cli.store.measure_history import NAME, read_measures
from dfl_cli.train.measures.measuring import SECONDS, Measuring


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Held:
    """Two held-out examples on which the model is as good as it says; measuring takes `seconds`."""

    name, examples = "IoU", 24

    def __init__(self, clock, seconds=0.0):
        self.clock, self.seconds = clock, seconds

    def values(self, model) -> dict[str, float]:
        self.clock.now += self.seconds
        return dict.fromkeys("abc", model["quality"])


class Story:
    """A training that is measured."""

    def __init__(self, folder, seconds=0.0, iteration=0):
        self.clock, self.model, self.iteration = Clock(), {"quality": 0.5}, iteration
        self.shown, self.said = [], []
        self.held = Held(self.clock, seconds)
        self.measuring = Measuring(
            self.held, self.model, folder, iteration=lambda: self.iteration,
            show=lambda name, value: self.shown.append((name, value)), notice=self.said.append, clock=self.clock,
        )  # fmt: skip

    def goes_on(self, seconds: float, quality: float) -> None:
        self.clock.now += seconds
        self.iteration += 100
        self.model["quality"] = quality
        self.measuring()


@pytest.fixture
def story(tmp_path):
    return Story(tmp_path)


def test_it_is_measured_every_two_minutes(story, tmp_path):
    story.goes_on(SECONDS - 1, 0.6)
    assert story.shown == []
    story.goes_on(1, 0.7)
    story.goes_on(1, 0.8)
    assert story.shown == [("IoU", pytest.approx(0.7))]
    (measured,) = read_measures(tmp_path)
    assert (measured.iteration, measured.examples, measured.mean) == (200, 24, pytest.approx(0.7))


def test_a_slow_measurement_is_made_less_often(tmp_path):
    story = Story(tmp_path, seconds=10)
    story.goes_on(SECONDS, 0.7)
    story.goes_on(400, 0.7)
    assert len(story.shown) == 1
    story.goes_on(100, 0.7)
    assert len(story.shown) == 2


def test_the_end_of_training_is_measured_and_told(story):
    story.measuring.finish()
    assert story.said == []  # nothing was trained
    story.iteration, story.model["quality"] = 50, 0.9
    story.measuring.finish()
    assert story.said == ["IoU of 3 held-out faces: 0.900, trained on 24 faces."]


def test_labels_that_no_longer_help_are_told_once(tmp_path):
    before = Story(tmp_path)
    for _ in range(4):
        before.goes_on(SECONDS, 0.85)
    story = Story(tmp_path, iteration=before.iteration)
    story.held.examples = 36
    for _ in range(8):
        story.goes_on(SECONDS, 0.85)
    assert before.said == []
    assert story.said == [
        "More labels hardly help any longer: IoU of held-out faces 0.850 with 36 labels, 0.850 with 24."
    ]


def test_a_history_that_cannot_be_written_ends_nothing(story, tmp_path):
    (tmp_path / NAME).mkdir()
    story.goes_on(SECONDS, 0.85)
    story.goes_on(SECONDS, 0.86)
    assert [value for _, value in story.shown] == pytest.approx([0.85, 0.86])
    assert len(story.said) == 1
    assert NAME in story.said[0]
