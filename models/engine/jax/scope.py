"""Keras variables while a function of them is traced: what they hold are arguments, and what they are given are results."""

from collections.abc import Callable, Iterable

import jax
import keras


class Scope(keras.StatelessScope):
    """Inside it variables have the values of `mapping`, or those they have; `touched` names all that were read or changed.

    One that is entered within another begins with the values of that one.
    """

    def __init__(self, mapping: Iterable[tuple[keras.Variable, object]] = ()):
        super().__init__(initialize_variables=False)
        outer = current()
        self.touched: dict[int, keras.Variable] = outer.touched if outer else {}
        self.state_mapping = dict(outer.state_mapping) if outer else {}
        for variable, value in mapping:
            self.touched[id(variable)] = variable
            self.state_mapping[id(variable)] = value

    def get_current_value(self, variable):
        self.touched[id(variable)] = variable
        return super().get_current_value(variable)

    def add_update(self, update):
        variable, _ = update
        self.touched[id(variable)] = variable
        super().add_update(update)


def current() -> Scope | None:
    """The innermost one this is computed in."""
    from keras.src.backend.common.stateless_scope import get_stateless_scope

    scope = get_stateless_scope()
    return scope if isinstance(scope, Scope) else None


def variables_of(function: Callable, *inputs) -> list[keras.Variable]:
    """Those that `function` of arrays like `inputs` reads or changes, in the order it does. Nothing is computed."""
    scope = Scope()

    def trace(*inputs):
        with scope:
            function(*inputs)

    jax.eval_shape(trace, *inputs)
    return list(scope.touched.values())


def values_of(variables: Iterable[keras.Variable]) -> list:
    """Present values: inside a scope those of the scope."""
    return [variable.value for variable in variables]


def results(scope: Scope, variables: Iterable[keras.Variable]) -> list:
    """What the variables hold at the end of `scope`."""
    found = ((variable, scope.get_current_value(variable)) for variable in variables)
    return [variable.value if value is None else value for variable, value in found]
