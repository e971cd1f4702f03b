"""Saving in the background: one save at a time, none forgotten, failures retried."""

import errno
import threading

import pytest

from dfl_cli.train.saving.saver import FIRST_RETRY, LAST_RETRY, BackgroundSaver


class Disk:
    """Takes the number of a save when it may; fails with `error` as long as there is one."""

    def __init__(self):
        self.copied, self.written, self.error = 0, [], None
        self.open = threading.Event()
        self.open.set()
        self.now = 0.0
        self.saver = BackgroundSaver(self.snapshot, clock=lambda: self.now)

    def snapshot(self):
        self.copied += 1
        return lambda number=self.copied: self.write(number)

    def write(self, number: int) -> int:
        self.open.wait()
        if self.error:
            raise self.error
        self.written.append(number)
        return number

    def finish(self) -> list:
        """Outcomes of all that was asked for."""
        outcomes = []
        while self.saver.busy:
            outcomes.append(self.saver.wait())
        return [one for one in outcomes if one]


@pytest.fixture
def disk():
    disk = Disk()
    yield disk
    disk.open.set()
    disk.saver.close()


def test_training_goes_on_while_a_save_is_written(disk):
    disk.open.clear()
    disk.saver.save()
    assert disk.saver.poll() is None
    disk.open.set()
    assert [one.result for one in disk.finish()] == [1]


def test_saves_asked_for_while_one_is_written_become_one_more_of_what_there_is_then(disk):
    disk.open.clear()
    for _ in range(5):
        disk.saver.save()
    assert disk.copied == 1
    disk.open.set()
    assert [one.result for one in disk.finish()] == [1, 2]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES])
def test_a_failed_save_is_tried_again_after_longer_and_longer_pauses(disk, number):
    disk.error = OSError(number, "trouble")
    disk.saver.save()
    (failed,) = disk.finish()
    assert (failed.error.errno, failed.failures, failed.retry_seconds) == (number, 1, FIRST_RETRY)
    for failures in range(2, 9):
        disk.now += failed.retry_seconds - 0.1
        assert disk.saver.poll() is None and not disk.saver.running
        disk.now += 0.1
        disk.saver.poll()
        (failed,) = disk.finish()
        assert failed.failures == failures
    assert failed.retry_seconds == LAST_RETRY
    disk.error = None
    disk.saver.save()  # an autosave does not wait for the next attempt
    (saved,) = disk.finish()
    assert (saved.error, saved.failures) == (None, 8)
    disk.now += 2 * LAST_RETRY
    assert disk.saver.poll() is None and not disk.saver.busy


def test_a_disk_that_stays_full_for_weeks_is_tried_again_every_ten_minutes(disk):
    disk.error, disk.saver.failures = OSError(errno.ENOSPC, "full"), 5000
    disk.saver.save()
    (failed,) = disk.finish()
    assert (failed.failures, failed.retry_seconds) == (5001, LAST_RETRY)


def test_too_little_memory_for_the_copies_is_a_failed_save(disk):
    def snapshot():
        raise MemoryError

    disk.saver.snapshot = snapshot
    disk.saver.save()
    assert isinstance(disk.finish()[0].error, MemoryError)


def test_what_no_disk_is_to_blame_for_is_raised_where_the_training_sees_it(disk):
    disk.error = ZeroDivisionError()
    disk.saver.save()
    with pytest.raises(ZeroDivisionError):
        disk.saver.wait()
