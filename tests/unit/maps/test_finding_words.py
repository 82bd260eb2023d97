"""What an import can find is said by the page in every language, with no more than the server tells of it."""

import re
from pathlib import Path

import pytest

from geofences.codes import Code

WORDS = Path(__file__).parents[3] / "maps/web/src/zones/findings"
LINE = re.compile(r'^  (\w+): "(.*)",$', re.MULTILINE)
SLOT = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_has_words_with_the_parameters_that_it_has(language):
    words = dict(LINE.findall((WORDS / f"{language}.ts").read_text("utf-8")))
    assert words.keys() == {each.code for each in Code}
    for each in Code:
        assert set(SLOT.findall(words[each.code])) == set(SLOT.findall(each.reason + each.mend)), each
