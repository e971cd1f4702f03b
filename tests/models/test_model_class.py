import pytest

from models.classes.saehd import SAEHD
from models.registry import UnknownModelClass, build_model


def test_a_model_is_built_by_the_name_of_its_class(answers):
    model = build_model("SAEHD", answers(resolution=96), seed=1)
    assert isinstance(model, SAEHD)
    assert model.resolution == 96


def test_an_unknown_class_is_named_with_those_there_are(answers):
    with pytest.raises(UnknownModelClass) as caught:
        build_model("H128", answers(), seed=1)
    assert caught.value.name == "H128" and "SAEHD" in caught.value.known
