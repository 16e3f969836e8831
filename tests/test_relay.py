"""What stands between a kernel's channels and the grader's: it passes messages on, and cuts off what does not end."""

import socket
import time

import pytest
import zmq

from autograder.sandbox.relay import LARGEST, PARTS, Endless, Meter, Relay

GREETING = bytes([0xFF, *[0] * 7, 1, 0x7F, 3, 1]) + b"NULL".ljust(20, b"\0") + bytes(32)


def part(length: int, flags: int = 0) -> bytes:
    if length < 256:
        return bytes([flags, length]) + bytes(length)
    return bytes([flags | 2]) + length.to_bytes(8, "big") + bytes(length)


def measured(data: bytes, step: int = 1 << 20) -> None:
    meter = Meter()
    for place in range(0, len(data), step):
        meter.take(memoryview(data)[place : place + step])


@pytest.fixture
def channel(tmp_path):
    """The paths of the far end, which stands for a kernel's, and of the near one."""
    far, near = (socket.socket(socket.AF_UNIX) for _ in range(2))
    far.bind(str(tmp_path / "far"))
    near.bind(str(tmp_path / "near"))
    near.listen()
    relay = Relay({near: str(tmp_path / "far")})
    relay.start()
    with far:
        far.listen()
        yield far, str(tmp_path / "near"), relay
        relay.close()


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_messages_that_end_pass_however_they_are_cut_into_pieces(step):
    measured(GREETING + part(5, 4) + (part(0, 1) * (PARTS - 2) + part(300)) * 20, step)


def test_many_messages_may_be_larger_than_one(step=1 << 20):
    measured(GREETING + part(LARGEST // 2) * 3, step)


@pytest.mark.parametrize(
    "data",
    [
        GREETING + part(LARGEST // 2 - 1, 1) * 3,
        GREETING + part(0, 1) * (PARTS + 1),
        GREETING + part(0, 4) * (PARTS + 1),
        GREETING + b"\x02" + b"\xff" * 8,
        GREETING + b"\x88\x01x",
        GREETING[:10] + b"\x01" + GREETING[11:],
        b"HTTP/1.1 200 OK\r\n",
    ],
    ids=["large parts", "empty parts", "commands", "a length", "unknown flags", "an older version", "another protocol"],
)
def test_what_does_not_end_is_refused(data):
    with pytest.raises(Endless):
        measured(data)


def test_zeromq_speaks_through_it(channel):
    far, near, relay = channel
    with zmq.Context() as context, context.socket(zmq.ROUTER) as kernel, context.socket(zmq.DEALER) as client:
        kernel.setsockopt(zmq.USE_FD, far.fileno())
        kernel.bind("ipc://far")
        client.connect(f"ipc://{near}")
        for size in (1, 300, 5_000_000):
            client.send_multipart([b"ask", bytes(size)])
            name, *asked = kernel.recv_multipart()
            assert asked == [b"ask", bytes(size)]
            kernel.send_multipart([name, *asked[::-1]])
            assert client.recv_multipart() == asked[::-1]
        far.detach()
    assert not relay.endless


def test_a_stream_that_nobody_reads_waits(channel):
    far, near, relay = channel
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(near)
        kernel, _ = far.accept()
        with kernel:
            kernel.settimeout(0.3)
            kernel.sendall(GREETING)
            with pytest.raises(TimeoutError):
                kernel.sendall(part(LARGEST // 2) * 3)
            client.sendall(b"question")
            assert kernel.recv(100) == b"question"


def test_a_kernel_that_hangs_up_is_hung_up_on_and_may_be_called_again(channel):
    far, near, relay = channel
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(near)
            client.settimeout(5)
            kernel, _ = far.accept()
            kernel.sendall(GREETING)
            kernel.close()
            assert client.recv(100) == GREETING and client.recv(100) == b""


def test_an_endless_message_ends_everything(channel):
    far, near, relay = channel
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(near)
        kernel, _ = far.accept()
        with kernel:
            kernel.sendall(b"no greeting at all")
            client.settimeout(5)
            assert client.recv(100) == b""
    deadline = time.monotonic() + 5
    while relay.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert relay.endless and not relay.is_alive()
