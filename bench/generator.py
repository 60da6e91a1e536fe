"""The load generator: raw sockets, prepared requests, one outstanding on each connection.

It is a process of its own, so that its work is not the bench's, and lives for a whole run: one line
of JSON in for each measurement (a `Round`), one out (a `Result`). Each connection carries one
person after another, whose next request goes out after the reply to the one before: so there is
the same part of openings, questions and endings as in life.
"""

import gc
import select
import socket
import sys
import time
from collections import deque
from typing import Final

import msgspec

from app.settings import Settings, read_settings
from bench.traffic import Channel, Conversations, Reply, Template, conversations, templates

_PATIENCE: Final = 20.0
"""Seconds without any reply, after which those that are missing count as wrong."""


class Round(msgspec.Struct, frozen=True):
    """One measurement.

    `people`: at most so many, the first of them with the number `first`.  `run`: 8 hexadecimal
    digits, others for each run.  `constant`: the reply to everything, None for the flow's own.
    """

    port: int
    channel: Channel
    seconds: float
    connections: int
    people: int
    first: int
    run: str
    constant: str | None


class Result(msgspec.Struct, frozen=True):
    """`replies`: right ones within `seconds`; `written`: all right ones, the last ones too.

    `wrong`: other replies, and none; `first_wrong`: the beginning of one of them.
    `p50`, `p99`, `worst`: milliseconds from request to reply.  `busy`: the generator's own share
    of one processor.
    """

    replies: int
    written: int
    seconds: float
    wrong: int
    first_wrong: str
    p50: float
    p99: float
    worst: float
    busy: float

    @property
    def rate(self) -> float:
        """Replies a second."""
        return self.replies / self.seconds


class _Connection:
    """One connection, and what the person on it has still to send."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(0)
        self.person: deque[tuple[bytes, Reply]] = deque()
        self.received = b""
        self.sent_at = 0.0
        self.reply: Reply | None = None
        self.waits = False

    def send(self, waiting: Conversations) -> bool:
        """Send the next request; False where nobody is left to send one."""
        if not self.person:
            self.person.extend(next(waiting, ()))
            if not self.person:
                return False
        request, self.reply = self.person.popleft()
        self.waits = True
        self.sent_at = time.perf_counter()
        # A request is far smaller than a socket's buffer, which is empty now.
        self.socket.sendall(request)
        return True

    def receive(self) -> bytes | None:
        """The reply, head and body, or None while it is not all there; b"" where it was cut off."""
        received = self.socket.recv(1 << 18)
        if not received:
            return b""
        self.received += received
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        _, named, length = head.lower().partition(b"\r\ncontent-length: ")
        if not named:
            return b""
        missing = int(length.partition(b"\r\n")[0]) - len(body)
        if missing > 0:
            return None
        whole, self.received = self.received, b""
        return whole


def play(asked: Round, waiting: Conversations) -> Result:
    """One measurement against a server."""
    poll = select.epoll()
    connections = [_Connection(asked.port) for _ in range(asked.connections)]
    by_file = {connection.socket.fileno(): connection for connection in connections}
    times: list[float] = []
    wrong: list[bytes] = []
    late = 0
    clock = time.perf_counter
    gc.collect()
    gc.freeze()
    gc.disable()
    began, worked = clock(), time.process_time()
    until = began + asked.seconds
    for file, connection in by_file.items():
        poll.register(file, select.EPOLLIN)
        connection.send(waiting)
    while any(connection.waits for connection in connections):
        ready = poll.poll(_PATIENCE)
        if not ready:
            wrong += [b"(no reply)" for connection in connections if connection.waits]
            break
        for file, _ in ready:
            connection = by_file[file]
            whole = connection.receive()
            if whole is None:
                continue
            now = clock()
            connection.waits = False
            assert connection.reply is not None
            if not _is_right(whole, connection.reply):
                wrong.append(whole or b"(cut off)")
                if not whole:
                    poll.unregister(file)
                    continue
            elif now <= until:
                times.append(now - connection.sent_at)
            else:
                late += 1
            if now < until and not connection.send(waiting):
                # Everybody is done: what follows would be fewer than were asked for at once.
                until = now
    worked = time.process_time() - worked
    elapsed = clock() - began
    gc.enable()
    gc.unfreeze()
    for connection in connections:
        connection.socket.close()
    poll.close()
    times.sort()
    return Result(
        replies=len(times),
        written=len(times) + late,
        seconds=until - began,
        wrong=len(wrong),
        first_wrong=wrong[0][:600].decode(errors="replace") if wrong else "",
        p50=_part(times, 0.5),
        p99=_part(times, 0.99),
        worst=_part(times, 1.0),
        busy=worked / elapsed,
    )


def _is_right(whole: bytes, reply: Reply) -> bool:
    head, _, body = whole.partition(b"\r\n\r\n")
    return head.startswith(b"HTTP/1.1 200 ") and reply.fits(body)


def _part(times: list[float], part: float) -> float:
    """Milliseconds within which this part of the replies came."""
    return 1000 * times[min(len(times) - 1, int(len(times) * part))] if times else 0.0


def main() -> None:
    """Measure what is asked for by standard input, until it ends."""
    settings = read_settings()
    known: dict[tuple[Channel, str | None], list[Template]] = {}
    for line in sys.stdin:
        asked = msgspec.json.decode(line, type=Round)
        kind = (asked.channel, asked.constant)
        if kind not in known:
            known[kind] = templates(asked.channel, settings, asked.constant)
        result = play(asked, _waiting(asked, known[kind], settings))
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        sys.stdout.flush()


def _waiting(asked: Round, made_of: list[Template], settings: Settings) -> Conversations:
    token = settings.auth_tokens[0]
    # All of them now: nothing but sending and receiving is done while the clock runs.
    return iter(list(conversations(made_of, token, asked.people, asked.first, asked.run)))


if __name__ == "__main__":
    main()
