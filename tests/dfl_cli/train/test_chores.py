from dfl_cli.train.chores import EveryIterations, EverySeconds


def test_missed_periods_count_once():
    now, done = [0.0], []
    chore = EverySeconds(10, lambda: done.append(now[0]), clock=lambda: now[0])
    for now[0] in (5.0, 35.0, 40.0, 45.0):
        chore()
    assert done == [35.0, 45.0]


def test_a_chore_by_iterations_runs_at_multiples():
    iteration, done = [0], []
    chore = EveryIterations(3, done.append, lambda: iteration[0])
    for iteration[0] in range(1, 8):
        chore()
    assert done == [3, 6]
