"""How much the losses beside the reconstruction count: may change while training, without recompiling."""

from dataclasses import fields

import keras


class PowerNotActive(ValueError):
    """A power was to be set that the model was built without."""

    def __init__(self, name: str, active: list[str]):
        super().__init__(f"{name} is off; on: {', '.join(active) or 'none'}")
        self.name, self.active = name, active


class Powers:
    """The powers a model was built with; one that was 0 then is not there, nor is the network that would need it.

    A power is a float64 scalar: what is computed from it before it meets float32 has the bits of Python's arithmetic.
    """

    def __init__(self, train):
        """`train`: TrainSpec or alike, as it really holds; its powers are the fields `*_power`. None: without any."""
        names = [field.name for field in fields(train) if field.name.endswith("_power")] if train is not None else []
        values = {name: getattr(train, name) for name in names}
        self.variables = {
            name: keras.Variable(value, dtype="float64", trainable=False, name=name)
            for name, value in values.items()
            if value
        }

    def __contains__(self, name: str) -> bool:
        return name in self.variables

    def __getitem__(self, name: str):
        return self.variables[name].value

    def set(self, name: str, value: float) -> None:
        """Raises PowerNotActive."""
        if name not in self.variables:
            raise PowerNotActive(name, list(self.variables))
        self.variables[name].assign(value)
