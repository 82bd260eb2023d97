import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.topics import (
    SERVICE_PARTS,
    Address,
    BadTopic,
    TopicFault,
    ack_topic,
    alert_topic,
    base_topic,
    cmd_topic,
    event_topic,
    is_device_id,
    parse,
    plain_subscription,
    plain_topic,
    shard_of,
    subscription,
)

DEVICE_IDS = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)


def covers(topic_filter, topic):
    """MQTT 3.1.1 section 4.7, for filters with `+` only."""
    levels, wanted = topic.split("/"), topic_filter.split("/")
    pairs = zip(wanted, levels, strict=False)
    return len(levels) == len(wanted) and all(want in ("+", level) for want, level in pairs)


def test_the_base_topic_of_a_device_is_fixed_for_ever():
    digest = hashlib.sha256(b"phone-1").digest()
    assert base_topic("phone-1") == f"kc/1/{digest[0] % 64:02}/{digest[1] % 16:02}/phone-1" == "kc/1/43/04/phone-1"


@given(DEVICE_IDS)
def test_a_device_is_found_back_from_each_of_its_topics(device):
    topics = [base_topic(device), event_topic(device), ack_topic(device), alert_topic(device), cmd_topic(device)]
    parts = ["", "event", "ack", "alert", "cmd"]
    assert [parse(topic) for topic in topics] == [Address(device, part, plain=False) for part in parts]


@given(DEVICE_IDS)
def test_the_shard_in_the_topic_is_the_device_s(device):
    assert base_topic(device).split("/")[2] == f"{shard_of(device):02}"


@given(DEVICE_IDS)
def test_a_shard_s_session_hears_its_phones_and_not_the_service_itself(device):
    heard = subscription(shard_of(device))
    base = base_topic(device)
    assert all(any(covers(f, t) for f in heard) for t in (base, f"{base}/event", f"{base}/waypoint", f"{base}/status"))
    assert not any(covers(f, f"{base}/{part}") for f in heard for part in SERVICE_PARTS)


@given(DEVICE_IDS)
def test_other_shards_hear_nothing_of_a_device(device):
    other = (shard_of(device) + 1) % 64
    assert not any(covers(f, base_topic(device)) for f in subscription(other))


@given(DEVICE_IDS, st.integers(0, 63), st.integers(0, 15))
def test_a_device_on_a_shard_that_is_not_its_own_is_refused(device, s1, s2):
    topic = f"kc/1/{s1:02}/{s2:02}/{device}"
    expected = Address(device, "", plain=False) if topic == base_topic(device) else BadTopic(TopicFault.SHARD)
    assert parse(topic) == expected


def test_plain_owntracks_takes_the_user_as_the_device():
    assert parse("owntracks/agent7/a1") == Address("agent7", "", plain=True)
    assert parse("owntracks/agent7/a1/event") == Address("agent7", "event", plain=True)
    assert parse(plain_topic("agent7")) == Address("agent7", "", plain=True)


def test_the_plain_session_hears_plain_phones_only():
    assert any(covers(f, "owntracks/agent7/a1") for f in plain_subscription())
    assert not any(covers(f, "owntracks/agent7/a1/cmd") for f in plain_subscription())


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("", TopicFault.FOREIGN),
        ("owntracks", TopicFault.FOREIGN),
        ("owntracks/agent7", TopicFault.FOREIGN),
        ("kc/2/43/04/phone-1", TopicFault.FOREIGN),
        ("kc/1/43/04", TopicFault.FOREIGN),
        ("$SYS/broker/uptime", TopicFault.FOREIGN),
        ("/kc/1/43/04/phone-1", TopicFault.FOREIGN),
        ("kc/1/43/04/", TopicFault.DEVICE),
        ("kc/1/43/04/phöne", TopicFault.DEVICE),
        ("kc/1/43/04/phone 1", TopicFault.DEVICE),
        ("kc/1/43/04/phone-1\n", TopicFault.DEVICE),
        ("owntracks/a+/a1", TopicFault.DEVICE),
        ("owntracks/agent7/#", TopicFault.DEVICE),
        ("owntracks/agent7/", TopicFault.DEVICE),
        ("kc/1/3/04/phone-1", TopicFault.SHARD),
        ("kc/1/043/04/phone-1", TopicFault.SHARD),
        ("kc/1/43/04/phone-1/", TopicFault.PART),
        ("kc/1/43/04/phone-1/events", TopicFault.PART),
        ("kc/1/43/04/phone-1/event/deep", TopicFault.PART),
        ("owntracks/agent7/a1/dump", TopicFault.PART),
    ],
)
def test_any_other_topic_is_refused_with_its_reason(topic, reason):
    assert parse(topic) == BadTopic(reason)


@given(st.text())
def test_no_topic_raises(topic):
    assert isinstance(parse(topic), Address | BadTopic)


@pytest.mark.parametrize("device", ["", "a" * 65, "a/b", "a+b", "#", "a b", "é", "\x00", "１"])
def test_an_id_that_means_something_to_mqtt_is_no_device(device):
    assert not is_device_id(device)
    with pytest.raises(ValueError, match="device id"):
        base_topic(device)


@pytest.mark.parametrize("shard", [-1, 64])
def test_there_are_64_shards(shard):
    with pytest.raises(ValueError, match="0 to 63"):
        subscription(shard)
