"""Which parts of one model another can start from."""

import numpy as np

from models.reuse import fitting_parts, take_over


def arrays(**shapes) -> dict:
    return {name.replace("_in_", "/"): np.zeros(shape, np.float32) for name, shape in shapes.items()}


def wanted(**shapes) -> dict:
    return {name.replace("_in_", "/"): shape for name, shape in shapes.items()}


def test_the_same_structure_fits_completely():
    stored = arrays(encoder_in_a=(2, 3), inter_in_b=(4,))
    fits = fitting_parts(stored, wanted(encoder_in_a=(2, 3), inter_in_b=(4,)))
    assert [(fit.name, fit.fits) for fit in fits] == [("encoder", True), ("inter", True)]
    assert take_over(stored, fits).keys() == stored.keys()


def test_a_part_is_taken_whole_or_not_at_all():
    stored = arrays(encoder_in_a=(2, 3), encoder_in_b=(4,), inter_in_b=(4,))
    fits = fitting_parts(stored, wanted(encoder_in_a=(2, 3), encoder_in_b=(5,), inter_in_b=(4,)))
    assert fits[0].difference == ("b", (4,), (5,))
    assert list(take_over(stored, fits)) == ["inter/b"]


def test_a_part_with_one_weight_more_or_less_does_not_fit():
    more = fitting_parts(arrays(encoder_in_a=(2,), encoder_in_b=(4,)), wanted(encoder_in_a=(2,)))
    less = fitting_parts(arrays(encoder_in_a=(2,)), wanted(encoder_in_a=(2,), encoder_in_b=(4,)))
    assert more[0].difference == ("b", (4,), None)
    assert less[0].difference == ("b", None, (4,))


def test_parts_the_other_model_lacks_are_named_and_its_own_extra_parts_ignored():
    fits = fitting_parts(arrays(decoder_in_a=(2,)), wanted(decoder_src_in_a=(2,)))
    assert [(fit.name, fit.difference) for fit in fits] == [("decoder_src", ("", None, None))]
    assert take_over(arrays(decoder_in_a=(2,)), fits) == {}
