"""Random numbers that are those of TensorFlow's `stateless_uniform`, so that a training continues the same on either engine.

Philox 4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011).
"""

import math

import jax.numpy as jnp
from jax import lax

ROUNDS = 10
FACTORS = (0xD2511F53, 0xCD9E8D57)
KEY_STEPS = (0x9E3779B9, 0xBB67AE85)
SCRAMBLE = (0x3EC8F720, 0x02461E29)  # the key that seeds are scrambled with before their own use


def uniform(stream: int, iteration, shape: tuple):
    count = math.prod(shape)
    blocks = -(-count // 4)
    first, second, *tail = philox(words(stream) + words(iteration), SCRAMBLE)
    numbers = jnp.arange(blocks, dtype=jnp.uint32)
    zeros = jnp.zeros_like(numbers)
    lanes = philox([numbers, zeros, *(zeros + one for one in tail)], (first, second))
    return as_floats(jnp.stack(lanes, axis=-1).reshape(-1)[:count]).reshape(shape)


def words(number) -> list:
    """Of a number that is not negative: the low and the high 32 bits."""
    return [jnp.asarray(number).astype(jnp.uint32), jnp.uint32(0)]


def philox(counter, key) -> list:
    """Four words of randomness (each uint32, of one shape) for the four of a counter and the two of a key."""
    words = [jnp.asarray(one, jnp.uint32) for one in (*counter, *key)]

    def one_round(_, words):
        a, b, c, d, left, right = words
        (high, low), (other_high, other_low) = product(a, FACTORS[0]), product(c, FACTORS[1])
        mixed = [other_high ^ b ^ left, other_low, high ^ d ^ right, low]
        return [*mixed, left + jnp.uint32(KEY_STEPS[0]), right + jnp.uint32(KEY_STEPS[1])]

    return lax.fori_loop(0, ROUNDS, one_round, words)[:4]  # written out, it would take most of the time to compile


def product(word, factor: int) -> tuple:
    """The high and the low 32 bits of their product."""
    whole = word.astype(jnp.uint64) * jnp.uint64(factor)
    return (whole >> jnp.uint64(32)).astype(jnp.uint32), whole.astype(jnp.uint32)


def as_floats(word):
    """float32 0..1 from 23 bits of each: the fraction of a number between 1 and 2."""
    bits = (word & jnp.uint32(0x7FFFFF)) | jnp.uint32(127 << 23)
    return lax.bitcast_convert_type(bits, jnp.float32) - 1
