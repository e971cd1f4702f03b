"""`dfl swap --dry-run`: what would be done, from the same sources, and without writing anything."""

from dfl_cli.options.flags import SIDES
from dfl_cli.swap.fit import faces_of
from dfl_cli.swap.job import Swap, titles
from dfl_cli.swap.recipe_file import choose, explanation, recipe_text
from dfl_cli.terminal.console import say
from dfl_cli.translate import tr
from dfl_cli.video.files import OUTPUT_SUFFIXES, check_suffix

ORDER = ("src", "dst", "fit", "recipe", "train", "film")


def show_outlook(swap: Swap) -> int:
    """Returns 0. Raises UserError, as the swap would."""
    check_suffix(swap.output, OUTPUT_SUFFIXES)
    for side in SIDES:
        say(f"{side}: {swap.sources[side]}")
    say(tr("Workspace: {folder}", folder=swap.workspace.root))
    for number, (stage, title) in enumerate(zip(ORDER, titles(), strict=True), start=1):
        done = " - " + tr("done") if stage in swap.state.done else ""
        say(f"[{number}/{len(ORDER)}] {title}{done}")
    say()
    if swap.answers or swap.recipe_file.exists():
        say(tr("The training follows {file}.", file=swap.answers or swap.recipe_file))
        return 0
    if faces_of(swap) is None:
        say(tr("The faces are not extracted yet: small ones will make the resolution smaller."))
    chosen = choose(swap)
    for line in explanation(chosen, swap.limit):
        say(line)
    say()
    say(recipe_text(chosen, swap.limit))
    return 0
