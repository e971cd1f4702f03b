"""A program at a terminal, as a person sees it: pexpect runs it, pyte keeps the screen and what has scrolled off it."""

import os
import re
import time
from collections.abc import Sequence

import pexpect
import pyte

SCROLLED = 10_000  # lines kept above the screen


class Terminal(pexpect.spawn):
    """As `pexpect.spawn`, but `expect` looks at the text on the screen, in which nothing that was overwritten is left."""

    def __init__(
        self,
        command: str,
        args: Sequence[str] = (),
        *,
        env=None,
        dimensions=(24, 80),
        timeout=90,
        term: str = "xterm-256color",  # or dumb: lines only
        **options,
    ):
        self.screen = pyte.HistoryScreen(dimensions[1], dimensions[0], history=SCROLLED, ratio=0.5)
        self.stream = pyte.Stream(self.screen)
        self.seen = 0  # characters of the transcript before what is expected next
        env = {**(os.environ if env is None else env), "TERM": term}
        super().__init__(
            command, list(args), env=env, dimensions=dimensions, timeout=timeout, encoding="utf-8", **options
        )

    def read_nonblocking(self, size=1, timeout=-1):
        text = super().read_nonblocking(size, timeout)
        self.stream.feed(text)
        return text

    def transcript(self) -> str:
        """All lines so far; behind the last one blanks as far as the cursor."""
        rows = [*self.screen.history.top, *(self.screen.buffer[y] for y in range(self.screen.cursor.y + 1))]
        lines = [row_text(row, self.screen.columns) for row in rows]
        cursor = row_text(rows[-1], self.screen.cursor.x)
        lines[-1] = max(lines[-1].rstrip(), cursor, key=len)
        return "\n".join([*(line.rstrip() for line in lines[:-1]), lines[-1]])

    def shown(self) -> list[str]:
        """The screen, from the top."""
        return [row_text(self.screen.buffer[y], self.screen.columns).rstrip() for y in range(self.screen.lines)]

    def expect(self, pattern, timeout=-1, **_):
        """The number of the pattern found first. `match` and `before` as pexpect has them."""
        patterns = pattern if isinstance(pattern, list) else [pattern]
        return self.wait_for([one if one is pexpect.EOF else re.compile(one) for one in patterns], timeout)

    def expect_exact(self, pattern_list, timeout=-1, **_):
        patterns = pattern_list if isinstance(pattern_list, list) else [pattern_list]
        return self.wait_for([one if one is pexpect.EOF else re.compile(re.escape(one)) for one in patterns], timeout)

    def wait_for(self, patterns, timeout) -> int:
        end = time.monotonic() + (self.timeout if timeout == -1 else timeout)
        while True:
            text = self.transcript()[self.seen :]
            found = [
                (match.start(), n)
                for n, one in enumerate(patterns)
                if one is not pexpect.EOF and (match := one.search(text))
            ]
            if found:
                number = min(found)[1]
                self.match = patterns[number].search(text)
                self.before, self.after = text[: self.match.start()], self.match.group()
                self.seen += self.match.end()
                return number
            try:
                self.read_nonblocking(10_000, timeout=max(0.0, end - time.monotonic()))
            except pexpect.EOF:
                if pexpect.EOF in patterns:
                    self.before, self.seen = text, self.seen + len(text)
                    return patterns.index(pexpect.EOF)
                raise AssertionError(f"ended before {patterns}:\n{text}") from None
            except pexpect.TIMEOUT:
                raise AssertionError(f"waited in vain for {patterns}:\n{text}") from None


def row_text(row, columns: int) -> str:
    """A row of the screen; the second half of a wide character is empty."""
    return "".join(row[x].data for x in range(columns))
