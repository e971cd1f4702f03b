"""docs/options.md, written from the tables: `python -m dfl_cli.options.document > docs/options.md`."""

import sys
from collections.abc import Iterator, Sequence

from dfl_cli.options.merge import MERGE
from dfl_cli.options.option import Option
from dfl_cli.options.train import TABLES
from dfl_cli.translate import language, set_language, tr


def document() -> str:
    """The page: everything in English, then everything in Chinese."""
    before = language()
    try:
        return "\n".join(line for code in ("en", "zh") for line in (set_language(code), *page())[1:]) + "\n"
    finally:
        set_language(before)


def page() -> Iterator[str]:
    yield f"# {tr('Options')}\n"
    yield tr(
        "This page is written from the option table by `make docs`. Each option is a question, a flag, and a key of the answers file; "
        "a value outside the limits is moved to the nearest one inside, and a line says so."
    )
    yield f"\n## {tr('Training')}\n"
    yield from table_lines(TABLES)
    yield f"\n## {tr('Merging')}\n"
    yield from table_lines({"": MERGE})
    yield ""


def table_lines(tables: dict[str, Sequence[Option]]) -> Iterator[str]:
    """The options of several tables; what model classes agree on is said once."""
    variants: dict[str, list[tuple[str, Option]]] = {}
    for model_class, table in tables.items():
        for option in table:
            variants.setdefault(option.key, []).append((model_class, option))
    for key, options in variants.items():
        yield f"### `{key}` {tr(options[0][1].label)}\n"
        yield from merged(options, facts)
        yield ""
        yield from merged(options, lambda option: tr(option.help))
        yield ""


def merged(options: list[tuple[str, Option]], describe) -> Iterator[str]:
    """One line for each different description, with the model classes it holds for."""
    lines: dict[str, list[str]] = {}
    for model_class, option in options:
        lines.setdefault(describe(option), []).append(model_class)
    for text, classes in lines.items():
        names = ", ".join(name for name in classes if name)
        yield f"- {names}: {text}" if names else f"- {text}"


def facts(option: Option) -> str:
    """Flag, what is accepted, default and when it is asked, in one line."""
    default = tr(option.default_text) if option.default_text else f"`{option.kind.show(option.default)}`"
    parts = [f"`{option.flag}`", option.kind.accepted(), tr("default {default}", default=default), tr(option.ask.value)]
    if option.when_text:
        parts.append(tr("if {condition}", condition=tr(option.when_text)))
    return "; ".join(parts)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print(document(), end="")
