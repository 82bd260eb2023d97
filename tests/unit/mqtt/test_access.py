import base64
import hashlib

import pytest

from mqtt.access import DeviceCredential, device_acls, dynsec_config, with_service
from mqtt.topics import base_topic
from tracker.errors import AccessError

BASE = base_topic("phone-a")


def topics(acls, kind):
    return {acl["topic"] for acl in acls if acl["acltype"] == kind}


def by_name(entries, key):
    return {entry[key]: entry for entry in entries}


def test_a_device_sends_on_its_own_two_trees_only():
    assert topics(device_acls("phone-a"), "publishClientSend") == {
        BASE,
        f"{BASE}/+",
        "owntracks/phone-a/+",
        "owntracks/phone-a/+/+",
    }


@pytest.mark.parametrize("kind", ["publishClientReceive", "subscribePattern"])
def test_a_device_reads_only_what_the_service_publishes(kind):
    parts = ("ack", "alert", "cmd")
    expected = {f"{base}/{part}" for base in (BASE, "owntracks/phone-a/+") for part in parts}
    assert topics(device_acls("phone-a"), kind) == expected


@pytest.mark.parametrize("device", ["", "a/b", "+", "#", "a b", "x" * 65, "kc-s1-17", "kc-plain", "KC-worker"])
def test_an_id_that_could_reach_further_is_refused(device):
    with pytest.raises(AccessError):
        device_acls(device)


def test_whatever_no_rule_allows_is_refused():
    access = dynsec_config([], "admin", "worker")["defaultACLAccess"]
    assert [kind for kind, allowed in access.items() if allowed] == ["unsubscribe"]


def test_a_device_is_pinned_to_its_own_client_id():
    config = dynsec_config([DeviceCredential("phone-a", "secret")], "admin", "worker")
    assert by_name(config["clients"], "username")["phone-a"]["clientid"] == "phone-a"


def test_passwords_are_stored_as_the_plugin_hashes_them():
    config = dynsec_config([DeviceCredential("phone-a", "secret")], "admin", "worker")
    client = by_name(config["clients"], "username")["phone-a"]
    salt = base64.b64decode(client["salt"])
    expected = hashlib.pbkdf2_hmac("sha512", b"secret", salt, client["iterations"])
    assert base64.b64decode(client["password"]) == expected


def test_equal_passwords_have_different_hashes():
    config = dynsec_config([DeviceCredential("a", "same"), DeviceCredential("b", "same")], "admin", "worker")
    clients = by_name(config["clients"], "username")
    assert clients["a"]["password"] != clients["b"]["password"]


def test_a_restart_keeps_devices_and_renews_the_services_accounts():
    stored = dynsec_config([DeviceCredential("phone-a", "secret")], "old", "old")
    renewed = with_service(stored, "new", "new")
    before, after = by_name(stored["clients"], "username"), by_name(renewed["clients"], "username")
    assert after["phone-a"] == before["phone-a"]
    assert after["kc-worker"]["password"] != before["kc-worker"]["password"]
    assert sorted(before) == sorted(after)
    assert sorted(by_name(stored["roles"], "rolename")) == sorted(by_name(renewed["roles"], "rolename"))


def test_ten_thousand_devices_take_ten_thousand_roles_and_one_shared():
    devices = [DeviceCredential(f"phone-{number}", "secret") for number in range(10_000)]
    config = dynsec_config(devices, "admin", "worker")
    assert len(config["clients"]) == 10_002
    assert len(config["roles"]) == 10_004
