import pytest
from argon2 import PasswordHasher

from maps.entrance.login import DECOY
from maps.entrance.own_path import safe_next
from maps.entrance.tries import neighbourhood


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_an_address_counts_with_those_that_its_owner_can_choose(address, counted_as):
    assert neighbourhood(address) == counted_as


@pytest.mark.parametrize(
    "target", ["/", "/?device=a", "/review/12#top", "/#map=12.0/32.0/118.7&visitor=phone-1", "/#q=%E7%8E%8B"]
)
def test_a_path_of_our_own_is_followed(target):
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None, "", "x", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)",
        "/\t/evil.example", "/\r\nlocation: //evil.example", "/\n", "/" + "x" * 2000,
    ],
)  # fmt: skip
def test_another_host_is_never_followed(target):
    assert safe_next(target) == "/"


def test_a_password_of_nobody_takes_as_long_to_check_as_a_new_one():
    assert not PasswordHasher().check_needs_rehash(DECOY)
