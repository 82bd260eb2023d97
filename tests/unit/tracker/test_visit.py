import pytest

from tracker.visit import LONGEST_CASE, LONGEST_S, VisitRefusedError, check_span, checked_case

LONGEST = "X" * (LONGEST_CASE - 1) + "1"


@pytest.mark.parametrize("case", ["(2026)外访第101号", "（2026）苏0411执123号", "A-17/3", "88", LONGEST])
def test_a_case_reference_has_a_number_in_it(case):
    assert checked_case(f" {case} ") == case


@pytest.mark.parametrize("case", ["", "  ", "王小明", "Li Wei", f"X{LONGEST}", "12\n3", "1<b>", "1\0"])
def test_a_name_or_anything_else_is_no_case_reference(case):
    with pytest.raises(VisitRefusedError, match="no case reference"):
        checked_case(case)


@pytest.mark.parametrize("lasts_s", [0.0, -1.0, LONGEST_S + 1.0, float("nan")])
def test_a_visit_ends_after_it_begins_within_a_month(lasts_s):
    with pytest.raises(VisitRefusedError, match="31 days"):
        check_span(1000.0, 1000.0 + lasts_s)
