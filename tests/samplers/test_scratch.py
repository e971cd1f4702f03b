"""Memory that is worked in."""

import threading

from samplers.scratch import Scratch


def test_a_use_gets_the_same_memory_again_and_each_thread_its_own():
    scratch, found = Scratch(), []
    mine = scratch("bent", (4, 4))
    thread = threading.Thread(target=lambda: found.append(scratch("bent", (4, 4))))
    thread.start()
    thread.join()
    assert scratch("bent", (4, 4)) is mine
    assert scratch("moved", (4, 4)) is not mine
    assert found[0] is not mine
