"""The training of the demo: the loop of `dfl train` with a progress bar in place of the loss line."""

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np

from dfl_cli.terminal.console import notice, progress, say
from dfl_cli.terminal.interrupt import Interrupt
from dfl_cli.train.open_session import build, open_session
from dfl_cli.train.plan import Plan
from dfl_cli.train.start import say_goodbye, train_session
from dfl_cli.translate import ntr, ptr


class LossBar:
    """Shows what `LossReport` would: the bar moves a step at a time and shows smoothed losses by name."""

    def __init__(self, bar, loss_names: Sequence[str]):
        self.bar, self.loss_names = bar, loss_names
        self.mean: np.ndarray | None = None

    def step(self, iteration: int, seconds: float, losses: np.ndarray, *, waited: float) -> None:
        self.mean = losses if self.mean is None else 0.95 * self.mean + 0.05 * losses
        smoothed = zip(self.loss_names, self.mean, strict=True)
        self.bar.set_postfix_str(" ".join(f"{name} {mean:.3f}" for name, mean in smoothed), refresh=False)
        self.bar.update(1)

    def end_line(self) -> None:
        """A bar leaves no lines."""

    def notice(self, text: str) -> None:
        """The bar makes room by itself."""
        notice(text)


def train_with_bar(plan: Plan, src, dst) -> int:
    """Train as planned. Returns 0, or 128 + signal if a signal stopped it after saving."""
    target = plan.options["target_iter"]
    with ExitStack() as stack:
        model = build(plan)
        say(
            ntr(
                "Training a small model for {count} iteration. Press Enter to save and continue with merging.",
                "Training a small model for {count} iterations. Press Enter to save and continue with merging.",
                count=target,
            )
        )
        bar = stack.enter_context(progress(target, ptr("progress", "Training"), initial=plan.iteration))
        report = LossBar(bar, model.loss_names)
        session = open_session(plan, {"src": src, "dst": dst}, stack, model=model, report=report)
        interrupt = stack.enter_context(Interrupt())
        code = train_session(session, plan, interrupt)
    say_goodbye(session, interrupt)
    return code
