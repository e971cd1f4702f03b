"""Values by flag or file that cannot be used."""

import pytest

from dfl_cli.classes.saehd import SAEHD
from dfl_cli.errors import UserError
from dfl_cli.options.given import Given, read_given
from dfl_cli.options.option import by_key
from dfl_cli.translate import set_language


@pytest.mark.parametrize(("language", "name"), [("en", "AutoEncoder dimensions"), ("zh", "自动编码器维度 ae_dims")])
def test_an_unusable_value_is_reported_with_the_label_and_where_it_came_from(language, name):
    set_language(language)
    with pytest.raises(UserError) as raised:
        read_given(by_key(SAEHD.table)["ae_dims"], Given("many", "--ae-dims"))
    assert name in str(raised.value)
    assert "--ae-dims many" in str(raised.value)
