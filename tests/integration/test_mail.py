"""E-mail as a real mail server receives it: well-formed Chinese, once, and no secret in any log."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from test_channels import House

from tests.smtp_sink import SmtpSink
from tracker.answers.rota import Recipient
from tracker.errors import SettingsError
from tracker.notify.channels import DeliveryError, service
from tracker.notify.dispatcher import Dispatcher
from tracker.notify.notice import Notice
from tracker.notify.rota_file import Rota
from tracker.store.connection import connect
from tracker.store.deliveries import Deliveries

SECRET = "s3cr3t-token"


@pytest.fixture
def sink():
    made = SmtpSink()
    yield made
    made.close()


@pytest.fixture
def house(database_url):
    made = House(database_url, None)
    yield made
    made.close()


def mail_to(sink: SmtpSink) -> str:
    return f"mailto://127.0.0.1:{sink.port}?from=keepclear@example.org&to=anna@example.org&name=KeepClear"


@contextmanager
def opened(house: House) -> Iterator[Deliveries]:
    with connect(house.url, "notify", fenced=False) as connection:
        yield Deliveries(connection)


def dispatcher(house: House, sink: SmtpSink) -> Dispatcher:
    channels = {"anna": service(mail_to(sink), "zh-CN", "Asia/Shanghai")}
    return Dispatcher(lambda: opened(house), Rota([Recipient("anna")], channels, 300.0), lease_s=1.0, patience_s=0.6)


def a_round(house: House, one: Dispatcher, pool: ThreadPoolExecutor) -> None:
    with opened(house) as deliveries:
        one.round(deliveries, pool)


def test_an_e_mail_is_well_formed_chinese(house, sink):
    with ThreadPoolExecutor(1) as pool:
        a_round(house, dispatcher(house, sink), pool)
    (mail,) = sink.got
    assert (mail["to"], mail["subject"]) == ("anna@example.org", "KeepClear")
    assert mail["from"].addresses[0].addr_spec == "keepclear@example.org"
    assert mail["date"].datetime.tzinfo is not None
    assert mail["message-id"]
    body = mail.get_body(("plain", "html"))
    assert body.get_content_charset() == "utf-8"
    assert "Li 于" in body.get_content()
    assert "进入禁入区" in body.get_content()
    assert all(not part.defects for part in mail.walk())


def test_a_mail_server_that_is_slower_than_the_lease_gets_it_once(house, sink):
    sink.hold.clear()
    one, other = dispatcher(house, sink), dispatcher(house, sink)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(4):
            a_round(house, one, pool)
            a_round(house, other, pool)
        sink.hold.set()
        a_round(house, one, pool)
    assert len(sink.got) == 1
    with opened(house) as deliveries:
        assert deliveries.undelivered(dead_only=False) == []


@pytest.mark.parametrize(
    "url",
    [
        f"mailto://anna:{SECRET}@127.0.0.1:1?to=anna@example.org",
        f"json://anna:{SECRET}@127.0.0.1:1/{SECRET}",
        f"dingtalk://{SECRET}!",
        f"nothing://{SECRET}",
    ],
)
def test_no_log_holds_a_secret_at_any_level(house, url, caplog, capfd):
    caplog.set_level(1)
    for name in ("apprise", "urllib3.connectionpool"):
        logging.getLogger(name).setLevel(1)
    with opened(house) as deliveries:
        deliveries.plan(lambda *_: ["anna"])
        (leased,) = deliveries.lease(60.0, 1)
    notice = Notice(leased.alert, "anna", "told", "Li", "court", 1, 0.0)
    with pytest.raises((SettingsError, DeliveryError)) as refused:
        service(url, "zh-CN", "Asia/Shanghai")(notice)
    said = capfd.readouterr()
    assert SECRET not in caplog.text + said.out + said.err + str(refused.value)
