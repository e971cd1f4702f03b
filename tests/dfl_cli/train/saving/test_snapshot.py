"""Copies for a save: where they are, and how soon."""

import numpy as np

from dfl_cli.train.saving.snapshot import ModelCopies


class Weights:
    """A model of one weight, without optimizer or averages."""

    def __init__(self):
        self.value = np.arange(6, dtype=np.float32)

    def saved_variables(self):
        return {"net/weight": self.value}, {}, {}

    def weights(self, *, reuse):
        copy = reuse.get("net/weight", np.empty_like(self.value))
        copy[:] = self.value
        return {"net/weight": copy}

    def optimizer_state(self, *, reuse):
        return {}

    averages = optimizer_state


def test_the_first_copy_uses_the_memory_that_was_reserved_for_it():
    model = Weights()
    copies = ModelCopies(model)
    copies.reserve()
    reserved = copies.files["weights.safetensors"]["net/weight"]
    taken = copies.take()
    assert taken.keys() == {"weights.safetensors"}
    assert taken["weights.safetensors"]["net/weight"] is reserved
    np.testing.assert_array_equal(reserved, model.value)
    copies.reserve()  # too late: what was copied stays
    np.testing.assert_array_equal(copies.files["weights.safetensors"]["net/weight"], model.value)
