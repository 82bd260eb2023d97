"""Messages that are held back are tried again as long as their connection lives."""

from types import SimpleNamespace

from mqtt.patience import Patience
from mqtt.subscriber import Delivery


def a_delivery(epoch=1):
    session = SimpleNamespace(link=SimpleNamespace(connected=True, epoch=1))
    return Delivery(session, epoch, 1, "kc/1/00/00/phone-1", b"{}", retained=False, received_at=0.0)


def test_the_intervals_grow():
    patience, held = Patience(), a_delivery()
    tried_at, now = [], 0.0
    for _ in range(5):
        patience.hold([held], now)
        while not patience.due(now):
            now += 0.5
        tried_at.append(now)
    assert tried_at == [1.0, 6.0, 21.0, 81.0, 141.0]


def test_each_is_handed_out_once():
    patience = Patience()
    patience.hold([a_delivery()], 0.0)
    assert (len(patience.due(1.0)), patience.due(1.0), len(patience)) == (1, [], 0)


def test_what_was_committed_starts_over():
    patience, held = Patience(), a_delivery()
    patience.hold([held], 0.0)
    patience.committed(patience.due(1.0))
    patience.hold([held], 1.0)
    assert patience.due(2.0) == [held]


def test_a_dead_connection_s_message_is_forgotten_because_the_broker_delivers_it_again():
    patience = Patience()
    patience.hold([a_delivery(epoch=0)], 0.0)
    assert (patience.due(100.0), len(patience)) == ([], 0)
