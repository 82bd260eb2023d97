"""Phones as a cheap load: one TCP connection and MQTT session each, PUBLISH packets written by hand.

One epoll loop in one process, about 15 us of CPU a fix; paho would cost the machine more than the service does.
Every phone walks, drives or stands, on a straight way to and fro among the zones, and says where it is *now*.
"""

import select
import socket
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import cos, radians

import numpy as np

from bench.zone_check import CENTRE, random_fixes
from geofences.geodesy import Floats
from mqtt.topics import alert_topic, base_topic

METRES_A_DEGREE = 111_320.0
STANDING, WALKING = 0.3, 0.7  # shares of phones: the rest drive
WALK_MPS, DRIVE_MPS = 1.4, 12.0
WAY_M = 3_000.0
CONNECT_AT_ONCE = 100
AT_ONCE = 200
PUBLISH_QOS1, PUBACK, PING = 0x32, 0x40, b"\xc0\x00"
KEEPALIVE_S = 600


class Movement:
    """Where every phone is at a moment: closed forms, so that any moment can be asked for."""

    def __init__(self, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.lons, self.lats = random_fixes(count, seed)
        kind = rng.uniform(size=count)
        self.speed_mps = np.where(kind < STANDING, 0.0, np.where(kind < WALKING, WALK_MPS, DRIVE_MPS))
        heading = rng.uniform(0.0, 2.0 * np.pi, count)
        self._east = np.sin(heading) / (METRES_A_DEGREE * cos(radians(CENTRE[1])))
        self._north = np.cos(heading) / METRES_A_DEGREE
        self._phase_m = rng.uniform(0.0, 2.0 * WAY_M, count)

    def at(self, moment: float) -> tuple[Floats, Floats]:
        """Lons and lats at a moment (seconds UTC); to and fro over 3 km."""
        along = (self._phase_m + self.speed_mps * (moment % 86_400.0)) % (2.0 * WAY_M)
        along = np.minimum(along, 2.0 * WAY_M - along)
        return self.lons + along * self._east, self.lats + along * self._north


@dataclass(slots=True)
class Line:
    """One phone's connection: what it has sent and what the broker has confirmed."""

    number: int
    device: str
    sock: socket.socket
    head: bytes
    seq: int = 0
    confirmed: int = 0
    pending: bytearray = field(default_factory=bytearray)


def packet(first: int, body: bytes) -> bytes:
    """An MQTT 3.1.1 control packet."""
    size, left = bytearray(), len(body)
    while True:
        left, digit = divmod(left, 128)
        size.append(digit | (0x80 if left else 0))
        if not left:
            return bytes((first,)) + bytes(size) + body


def text(value: str) -> bytes:
    """An MQTT string."""
    encoded = value.encode()
    return struct.pack(">H", len(encoded)) + encoded


def connect_packet(device: str, password: str) -> bytes:
    """CONNECT of a clean session with user name and password."""
    flags = 0b1100_0010
    return packet(0x10, text("MQTT") + bytes((4, flags)) + struct.pack(">H", KEEPALIVE_S)
                  + text(device) + text(device) + text(password))  # fmt: skip


class Phones:
    """All of them, in one loop. `confirmed` counts what the broker has."""

    def __init__(self, port: int, devices: Sequence[str], password: str, *, seed: int = 3, hear: bool = False) -> None:
        self.movement = Movement(len(devices), seed)
        self.lines: list[Line] = []
        self.by_fd: dict[int, Line] = {}
        self.sent = self.confirmed = 0
        self.heard: list[tuple[float, bytes]] = []
        self._poll = select.epoll()
        for begin in range(0, len(devices), CONNECT_AT_ONCE):
            self._connect(port, devices[begin : begin + CONNECT_AT_ONCE], password, hear=hear)

    def _connect(self, port: int, devices: Sequence[str], password: str, *, hear: bool) -> None:
        fresh = []
        for device in devices:
            sock = socket.create_connection(("127.0.0.1", port), 30.0)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(connect_packet(device, password))
            line = Line(len(self.lines), device, sock, text(base_topic(device)))
            self.lines.append(line)
            fresh.append(line)
        for line in fresh:
            answer = line.sock.recv(4, socket.MSG_WAITALL)
            assert answer == b"\x20\x02\x00\x00", answer
            if hear:
                line.sock.sendall(packet(0x82, b"\x00\x01" + text(alert_topic(line.device)) + b"\x01"))
                assert line.sock.recv(5, socket.MSG_WAITALL)[4] == 1
            line.sock.setblocking(False)
            self.by_fd[line.sock.fileno()] = line
            self._poll.register(line.sock.fileno(), select.EPOLLIN)

    def publish(self, line: Line, lon: float, lat: float, moment: float) -> None:
        """One fix of one phone, QoS 1."""
        line.seq += 1
        speed_kmh = self.movement.speed_mps[line.number] * 3.6
        payload = (
            b'{"_type":"location","tst":%.3f,"lat":%.7f,"lon":%.7f,"acc":8,"vel":%d,"batt":71,"t":"p1","seq":%d,"lo":%d}'
            % (moment, lat, lon, speed_kmh, line.seq, max(1, line.seq - 6))
        )
        body = line.head + struct.pack(">H", (line.seq - 1) % 65_535 + 1) + payload
        line.sock.send(packet(PUBLISH_QOS1, body))
        self.sent += 1

    def listen(self, timeout_s: float) -> None:
        """Take what the broker says: confirmations, and messages to those who hear."""
        for fd, _ in self._poll.poll(max(0.0, timeout_s), 1024):
            line = self.by_fd[fd]
            heard = line.sock.recv(65_536)
            if not heard:
                raise ConnectionError(f"the broker closed the connection of {line.device}")
            if (
                not line.pending
                and heard[0] == PUBACK
                and len(heard) % 4 == 0
                and heard.count(PUBACK) == len(heard) // 4
            ):
                count = len(heard) // 4
            else:
                count = self._parse(line, heard)
            line.confirmed += count
            self.confirmed += count

    def _parse(self, line: Line, heard: bytes) -> int:
        """Packet by packet; returns how many were confirmations."""
        line.pending += heard
        count = 0
        while (size := packet_size(line.pending)) and len(line.pending) >= size[0]:
            whole, head = bytes(line.pending[: size[0]]), size[1]
            del line.pending[: size[0]]
            if whole[0] == PUBACK:
                count += 1
            elif whole[0] & 0xF0 == 0x30:
                self._hear(line, whole, head)
        return count

    def _hear(self, line: Line, whole: bytes, head: int) -> None:
        topic = struct.unpack_from(">H", whole, head)[0]
        body = head + 2 + topic
        if whole[0] & 0x06:
            line.sock.send(b"\x40\x02" + whole[body : body + 2])
            body += 2
        self.heard.append((time.time(), whole[body:]))

    def close(self) -> None:
        """Hang up."""
        self._poll.close()
        for line in self.lines:
            line.sock.close()


def packet_size(buffer: bytearray) -> tuple[int, int] | None:
    """Bytes of the first packet in the buffer and of its fixed header; None until the header is complete."""
    size = shift = 0
    for index in range(1, min(len(buffer), 5)):
        size |= (buffer[index] & 0x7F) << shift
        shift += 7
        if not buffer[index] & 0x80:
            return 1 + index + size, 1 + index
    return None


def steady(phones: Phones, rate: float, seconds: float) -> None:
    """Every phone in turn, so many fixes a second in all; falls behind rather than bursting."""
    begun, first = time.perf_counter(), phones.sent
    due = turn = first
    while (now := time.perf_counter() - begun) < seconds:
        due = first + int(now * rate)
        if turn < due:
            moment = time.time()
            lons, lats = phones.movement.at(moment)
            for number in range(turn, min(due, turn + AT_ONCE)):
                line = phones.lines[number % len(phones.lines)]
                phones.publish(line, lons[line.number], lats[line.number], moment)
            turn = min(due, turn + AT_ONCE)
        phones.listen(0.0 if turn < due else 0.002)


def saturating(phones: Phones, done: Callable[[], int], window: int, seconds: float) -> None:
    """As fast as the service is done with them, so many fixes on the way in all, every phone in turn.

    `done` says with how many of all that were sent; it is asked ten times a second.
    """
    begun, ask_at, known = time.perf_counter(), 0.0, 0
    while (now := time.perf_counter() - begun) < seconds:
        if now >= ask_at:
            known, ask_at = done(), now + 0.1
        room = min(window - (phones.sent - known), AT_ONCE)
        if room > 0:
            moment = time.time()
            lons, lats = phones.movement.at(moment)
            for number in range(phones.sent, phones.sent + room):
                line = phones.lines[number % len(phones.lines)]
                phones.publish(line, lons[line.number], lats[line.number], moment)
        phones.listen(0.0 if room > 0 else 0.005)
