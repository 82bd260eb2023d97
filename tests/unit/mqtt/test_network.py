"""The loop that reads from the broker: it may end by a fault, but not unnoticed."""

from mqtt.network import Network
from tests.eventually import eventually


def test_a_loop_that_runs_is_not_dead_and_neither_is_one_that_was_stopped():
    network = Network("test")
    assert not network.dead()
    network.start()
    assert not network.dead()
    network.stop()
    assert not network.dead()


def test_a_loop_that_ended_by_a_fault_is_dead_and_says_where_without_quoting_the_error(capsys):
    network = Network("test")
    network.start()
    network.call(lambda: int("118.7654321"))
    eventually(network.dead)
    said = capsys.readouterr().out
    assert "network_thread_died" in said
    assert "118.7" not in said
