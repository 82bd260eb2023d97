import socket

import pytest

from tracker.errors import ServiceError
from tracker.installation.up import moved
from tracker.programs.tcp_port import require_free

SETTINGS = {"host_setting": "KEEPCLEAR_HTTP_HOST", "port_setting": "KEEPCLEAR_HTTP_PORT"}


def test_a_taken_port_is_named_with_the_setting_that_changes_it():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError) as refused:
            require_free("127.0.0.1", port, **SETTINGS)
    assert refused.value.what == f"127.0.0.1:{port} is taken by another program."
    assert "KEEPCLEAR_HTTP_PORT" in refused.value.do


def test_a_foreign_address_is_named_with_the_setting_that_changes_it():
    with pytest.raises(ServiceError, match=r"192\.0\.2\.1:0 can't be opened \(.+\)\. Set KEEPCLEAR_HTTP_HOST"):
        require_free("192.0.2.1", 0, **SETTINGS)


def test_any_free_port_will_do():
    require_free("127.0.0.1", 0, **SETTINGS)


@pytest.mark.parametrize(
    ("wanted", "got", "said"),
    [
        (8080, 8081, ["8080 is taken by another program, so MQTT is on 8081; KEEPCLEAR_X sets another."]),
        (8080, 8080, []),
        (0, 40_000, []),
        (8883, None, []),
    ],
)
def test_a_port_that_had_to_move_is_said(wanted, got, said):
    assert list(moved("MQTT", wanted, got, "KEEPCLEAR_X")) == said
