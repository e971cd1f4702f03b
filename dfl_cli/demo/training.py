"""The training of the demo: the loop of `dfl train` with a progress bar in place of the loss line."""

from contextlib import ExitStack

import numpy as np

from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.train.plan import Plan
from dfl_cli.train.start import build, open_session, train_session
from dfl_cli.translate import ntr, ptr


class LossBar:
    """Takes the place of `LossReport`: the bar moves a step at a time and shows smoothed losses."""

    def __init__(self, bar):
        self.bar = bar
        self.mean: np.ndarray | None = None

    def step(self, iteration: int, seconds: float, losses: np.ndarray, *, waited: float) -> None:
        self.mean = losses if self.mean is None else 0.95 * self.mean + 0.05 * losses
        self.bar.set_postfix_str(f"src {self.mean[0]:.3f} dst {self.mean[1]:.3f}", refresh=False)
        self.bar.update(1)

    def settle(self) -> None:
        """A bar leaves no lines."""

    def notice(self, text: str) -> None:
        """The bar makes room by itself."""
        notice(text)


def train_with_bar(plan: Plan, src, dst) -> int:
    """Train as planned. Returns 0, or 128 + signal if a signal stopped it after saving."""
    target = plan.options["target_iter"]
    with ExitStack() as stack:
        session = open_session(plan, src, dst, stack, model=build(plan))
        say(
            ntr(
                "Training a small model for {count} iteration. Enter saves and goes on to the merge.",
                "Training a small model for {count} iterations. Enter saves and goes on to the merge.",
                count=target,
            )
        )
        bar = stack.enter_context(progress(target, ptr("progress", "Training"), initial=session.iteration))
        session.report = LossBar(bar)
        interrupt = stack.enter_context(Interrupt())
        return train_session(session, plan, interrupt)
