"""A mail server for one test: takes every message, as slowly as it is told to (RFC 5321, the least of it)."""

import socketserver
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Event, Thread

REPLIES = {"EHLO": b"250 sink\r\n", "DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n"}


class SmtpSink:
    """`got` holds what arrived; while `hold` is clear, no message is confirmed."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.hold = Event()
        self.hold.set()
        sink = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                while line := self.rfile.readline():
                    verb = line[:4].decode().upper()
                    self.wfile.write(REPLIES.get(verb, b"250 ok\r\n"))
                    if verb == "DATA":
                        sink.got.append(self.message())
                        sink.hold.wait(30)
                        self.wfile.write(b"250 taken\r\n")

            def message(self) -> EmailMessage:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b"."))
                made = message_from_bytes(b"".join(lines), policy=default)
                assert isinstance(made, EmailMessage)
                return made

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Let go of everybody."""
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()
