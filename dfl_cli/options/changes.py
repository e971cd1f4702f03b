"""What is different between two sets of answers, in words."""

from collections.abc import Iterable, Mapping, Sequence

from dfl_cli.options.option import Option
from dfl_cli.translate import listed


def changed_keys(table: Sequence[Option], before: Mapping, now: Mapping) -> list[str]:
    return [option.key for option in table if option.key in before and before[option.key] != now[option.key]]


def changes_text(table: Sequence[Option], keys: Iterable[str], before: Mapping, now: Mapping) -> str:
    """`random_warp y -> n, gan_power 0.0 -> 0.1` for these keys, in the order of the table."""
    keys = set(keys)
    return listed(
        f"{option.key} {option.kind.show(before[option.key])} -> {option.kind.show(now[option.key])}"
        for option in table
        if option.key in keys
    )
