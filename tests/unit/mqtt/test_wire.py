"""PUBLISH packets are taken out of the stream in order, whatever pieces the network delivers."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt.wire import Publish, Wire

PINGRESP = b"\xd0\x00"


class FakeSocket:
    """Gives what it was given, piece by piece; takes so many bytes a send."""

    def __init__(self, *pieces, room=10**9):
        self.pieces = list(pieces)
        self.sent = bytearray()
        self.room = room

    def recv(self, _size):
        if not self.pieces:
            raise BlockingIOError
        return self.pieces.pop(0)

    def send(self, data):
        if not self.room:
            raise BlockingIOError
        taken = bytes(data[: self.room])
        self.room -= len(taken)
        self.sent += taken
        return len(taken)


def a_publish(mid=7, topic="kc/1/00/00/phone-1", payload=b"{}", flags=0x32):
    body = struct.pack(">H", len(topic)) + topic.encode() + (struct.pack(">H", mid) if flags & 2 else b"") + payload
    size, left = bytearray(), len(body)
    while True:
        left, digit = divmod(left, 128)
        size.append(digit | (0x80 if left else 0))
        if not left:
            return bytes([flags]) + bytes(size) + body


def read_all(wire, reads):
    """What was handed out: messages, and the packets that paho took."""
    found = []
    for _ in range(reads):
        for messages in wire.read():
            found += messages
            while wire.for_paho:
                found.append(wire.recv(1_000_000))
    return found


def test_a_message_is_read_whole():
    payload = b"x" * 300
    assert read_all(Wire(FakeSocket(a_publish(65_535, payload=payload))), 1) == [
        Publish(65_535, "kc/1/00/00/phone-1", payload, retained=False)
    ]


def test_qos_0_wants_no_acknowledgement_and_retained_is_said():
    assert read_all(Wire(FakeSocket(a_publish(flags=0x31))), 1) == [Publish(0, "kc/1/00/00/phone-1", b"{}", True)]


@pytest.mark.parametrize("flags", [0x34, 0x36])
def test_qos_2_is_left_to_paho(flags):
    packet = a_publish(flags=flags)
    assert read_all(Wire(FakeSocket(packet)), 1) == [packet]


def test_a_message_whose_topic_is_longer_than_itself_is_left_to_paho():
    packet = b"\x32\x04\x00\x63ab"
    assert read_all(Wire(FakeSocket(packet)), 1) == [packet]


@given(
    packets=st.lists(st.sampled_from([PINGRESP, a_publish(1), a_publish(2, payload=b"y" * 200)]), max_size=6),
    cuts=st.lists(st.integers(0, 1300), max_size=8),
)
def test_order_and_content_survive_any_cuts(packets, cuts):
    stream = b"".join(packets)
    edges = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    expected = [each if each == PINGRESP else "message" for each in packets]
    found = read_all(Wire(FakeSocket(*pieces)), len(pieces))
    assert [each if isinstance(each, bytes) else "message" for each in found] == expected


def test_the_end_of_the_connection_is_shown_to_paho():
    wire = Wire(FakeSocket(b""))
    assert list(wire.read()) == [[]]
    assert (wire.for_paho, wire.recv(1)) == (True, b"")


def test_what_the_socket_has_no_room_for_is_sent_later_in_order():
    sock = FakeSocket(room=3)
    wire = Wire(sock)
    assert (wire.send(b"abcde"), wire.send(b"fg"), wire.unsent) == (5, 2, True)
    sock.room = 100
    wire.flush()
    assert (bytes(sock.sent), wire.unsent) == (b"abcdefg", False)
