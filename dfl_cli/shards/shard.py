"""What a shard is."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from samplers.files.foreign_files import OURS

LOCKS = f"{OURS}-shard-*.lock"

Item = TypeVar("Item")


class Shard(NamedTuple):
    """Part `number` of `count`, from 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @property
    def lock_name(self) -> str:
        return LOCKS.replace("*", f"{self.number}-of-{self.count}")

    def block(self, items: Sequence[Item]) -> Sequence[Item]:
        """Its part of `items`: consecutive ones, as many as the other shards have, or one more."""
        start, end = (len(items) * number // self.count for number in (self.number - 1, self.number))
        return items[start:end]
