import pytest

from maps.entrance.landing import landing
from tracker.people.roles import EVERYBODY, Principal, Role


def page_of(*roles):
    return landing(Principal(1, "anna", frozenset(roles), EVERYBODY, session_id=1))


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.SUPERVISOR], "/"),
        ([Role.TEAM_LEAD], "/"),
        ([Role.REVIEWER_1], "/replay"),
        ([Role.REVIEWER_2], "/replay"),
        ([Role.REVIEWER_3], "/replay"),
        ([Role.ZONE_EDITOR], "/zones"),
        ([Role.VISITOR], "/account"),
        ([Role.PRIVACY_OFFICER], "/account"),
        ([Role.ADMINISTRATOR], "/account"),
        ([], "/account"),
    ],
)
def test_everybody_comes_to_the_page_of_their_work(roles, page):
    assert page_of(*roles) == page


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.REVIEWER_1, Role.SUPERVISOR], "/"),
        ([Role.REVIEWER_1, Role.ZONE_EDITOR], "/zones"),
        ([Role.REVIEWER_1, Role.PRIVACY_OFFICER], "/replay"),
    ],
)
def test_the_widest_work_of_several_roles_counts(roles, page):
    assert page_of(*roles) == page
