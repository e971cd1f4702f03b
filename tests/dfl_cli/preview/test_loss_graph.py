import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dfl_cli.preview.loss_graph import draw_loss_graph

SRC, DST = (1, 0, 0), (0, 1, 1)  # BGR: src is blue, dst yellow
GREY_LINES = {99 - int(line * 19.8) for line in range(6)}  # the six lines, as heights above the bottom


def heights(graph: np.ndarray, color: tuple) -> set[int]:
    """Pixels above the bottom at which a color is drawn."""
    rows = np.nonzero((graph == np.float32(color)).all(axis=2).any(axis=1))[0]
    return set((99 - rows).tolist())


def test_a_loss_at_its_mean_runs_in_the_middle():
    graph = draw_loss_graph(np.tile([0.3, 0.3], (50, 1)), 0, 60)
    assert heights(graph, DST) == {49}


def test_src_is_blue_and_dst_yellow_and_the_higher_loss_lies_higher():
    graph = draw_loss_graph(np.tile([0.4, 0.2], (50, 1)), 0, 60)
    assert heights(graph, SRC) == {66}
    assert heights(graph, DST) == {33}


def test_a_column_spans_all_losses_it_stands_for():
    losses = np.tile([[0.2, 0.0], [0.4, 0.0]], (30, 1))  # mean 0.15, so the top is 0.3
    graph = draw_loss_graph(losses, 0, 10)
    assert heights(graph, SRC) == set(range(66, 100)) - GREY_LINES


def test_an_early_peak_does_not_flatten_the_rest():
    losses = np.concatenate([np.full((10, 2), 50.0), np.full((90, 2), 0.5)])
    assert max(heights(draw_loss_graph(losses, 0, 100)[:, 50:], DST)) == 49


def test_the_iteration_is_written_only_when_there_is_one():
    losses = np.ones((10, 2))
    assert not np.array_equal(draw_loss_graph(losses, 7, 200), draw_loss_graph(losses, 0, 200))


def test_the_legend_has_the_color_of_each_loss_in_its_place():
    graph = draw_loss_graph(np.ones((0, 3)), 7, 200, ("one", "two", "three"))
    blue, green, red = (np.nonzero((graph == np.float32(color)).all(axis=2))[1] for color in np.eye(3))
    assert 0 < blue.max() < green.min() and green.max() < red.min()


def test_a_legend_that_does_not_fit_is_left_out():
    losses = np.ones((10, 2))
    np.testing.assert_array_equal(draw_loss_graph(losses, 7, 90, ("src", "dst")), draw_loss_graph(losses, 7, 90))


@given(arrays(np.float32, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(width=32)), st.integers(1, 80))
def test_any_history_can_be_drawn_even_one_with_nan(losses, width):
    graph = draw_loss_graph(losses, 3, width)
    assert graph.shape == (100, width, 3)
    assert graph.min() >= 0 and graph.max() <= 1
