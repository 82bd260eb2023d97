"""A phone falls silent on a real broker: said once with its reason, and over when it is heard again."""

import time

import orjson

from mqtt import worker
from mqtt.topics import SUPERVISOR_TOPIC, base_topic
from tests.builders import a_fix, a_place, a_zone
from tests.eventually import eventually


def now_fix(device, signed_m=300.0):
    fix = a_fix(signed_m, speed_mps=1000.0, start=time.time(), lag_s=0.0)  # so fast that the zone is within reach
    return fix._replace(device=device)


def test_no_data_is_told_once_with_its_reason_until_the_phone_is_heard(live, monkeypatch):
    monkeypatch.setattr(worker, "LOOK_OUT_EVERY_S", 0.2)
    live.settings = live.settings.model_copy(update={"silence_amber_min": 1.0 / 60, "silence_red_min": 2.0 / 60})
    live.put_zones(a_zone(valid_from=time.time() - 7200))
    live.enrol("phone-1", time.time())
    phone, watch = live.talker("phone-1"), live.spy(SUPERVISOR_TOPIC)
    with live.ingesting():
        phone.report(now_fix("phone-1"))
        live.wait_stored("phone-1", 1)
        phone.publish(f"{base_topic('phone-1')}/status", orjson.dumps({"_type": "status", "off": "airplane"}))
        _, told = watch.next()
        assert (told["type"], told["subject"]) == ("org.keepclear.alert.silence", "phone-1")
        assert (told["data"]["reason"], told["data"]["could_have_entered"]) == ("airplane", ["court"])
        phone.report(now_fix("phone-1")._replace(lon=a_place(310.0)[0]))
        _, over = watch.next()
        assert (over["type"], over["data"]["silence"]) == ("org.keepclear.alert.heard", told["data"]["silence"])
        eventually(lambda: live.rows("SELECT count(*) FROM alert WHERE published_at IS NULL") == [(0,)])
    assert live.rows("SELECT kind FROM alert ORDER BY created_at")[:2] == [("silence",), ("heard",)]
