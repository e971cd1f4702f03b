from dfl_cli.train.periodic import EveryIterations, EverySeconds


def test_missed_periods_count_once():
    now, done = [0.0], []
    action = EverySeconds(10, lambda: done.append(now[0]), clock=lambda: now[0])
    for now[0] in (5.0, 35.0, 40.0, 45.0):
        action()
    assert done == [35.0, 45.0]


def test_an_action_by_iterations_runs_at_multiples():
    iteration, done = [0], []
    action = EveryIterations(3, done.append, lambda: iteration[0])
    for iteration[0] in range(1, 8):
        action()
    assert done == [3, 6]
