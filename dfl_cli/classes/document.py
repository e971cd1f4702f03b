"""docs/options.md, written from the tables: `python -m dfl_cli.classes.document > docs/options.md`."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from dfl_cli.classes.registry import swapping_classes, trained_classes
from dfl_cli.options.environment import environment_help
from dfl_cli.options.option import Option
from dfl_cli.translate import LANGUAGES, Lines, clauses, labeled, language, listed, set_language, tr


def document() -> str:
    """The page: everything in English, then in each other language."""
    return "\n".join(map(page_in, LANGUAGES))


def page_in(code: str) -> str:
    before = language()
    set_language(code)
    try:
        return "\n".join(page())
    finally:
        set_language(before)


def page() -> Iterator[str]:
    yield "# " + tr("Options") + "\n"
    yield tr(
        "This page is generated from the option tables by `make docs`. Each option is a question, a "
        "flag and a key of the answers file. A value outside the limits is clamped, with a message."
    )
    yield ""
    yield environment_help()
    yield "\n## " + tr("Training") + "\n"
    yield from table_lines({name: one.table for name, one in trained_classes().items()}, facts_of_training)
    yield "\n## " + tr("Merge settings") + "\n"
    yield from table_lines({name: one.merge_table for name, one in swapping_classes().items()}, facts)
    yield ""


def table_lines(tables: Mapping[str, Sequence[Option]], describe: Callable[[Option], str]) -> Iterator[str]:
    """The options of several tables; what model classes agree on is said once."""
    variants: dict[str, list[tuple[str, Option]]] = {}
    for model_class, table in tables.items():
        for option in table:
            variants.setdefault(option.key, []).append((model_class, option))
    for key, options in variants.items():
        yield f"### `{key}` {tr(options[0][1].label)}\n"
        yield from merged(options, describe, of=len(tables))
        yield ""
        yield from merged(options, help_lines, of=len(tables))
        yield ""


def merged(options: list[tuple[str, Option]], describe: Callable[[Option], str], *, of: int) -> Iterator[str]:
    """The description that all `of` model classes share, or a list of those they have."""
    holders: dict[str, list[str]] = {}
    for model_class, option in options:
        holders.setdefault(describe(option), []).append(model_class)
    for text, classes in holders.items():
        names = listed(name for name in classes if name)
        if names and (len(holders) > 1 or len(classes) < of):
            yield ("- " + labeled(names, Lines(text))).replace("\n", "\n  ")
        else:
            yield text


def help_lines(option: Option) -> str:
    """The help; Markdown would join its lines."""
    return tr(option.help).replace("\n", "<br>\n")


def facts(option: Option) -> str:
    """Flag, what is accepted, default and condition, in one line."""
    default = tr(option.default_text) if option.default_text else f"`{option.kind.show(option.default)}`"
    parts = [f"`{option.flag}`", option.kind.accepted(), tr("default {default}", default=default)]
    if option.when_text:
        parts.append(tr("if {condition}", condition=tr(option.when_text)))
    return clauses(parts)


def facts_of_training(option: Option) -> str:
    backed_up = [tr("changing it makes a backup first")] if option.risky else []
    return clauses([facts(option), tr(option.ask.value), *backed_up])


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print(document(), end="")
