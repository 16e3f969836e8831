"""Messages over a stream: whole, numbered, bounded in size and time."""

import socket
import struct
import threading
import time

import pytest

from autograder.student_side import wire


@pytest.fixture
def ends():
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def soon() -> float:
    return time.monotonic() + 0.2


def test_a_message_comes_with_the_number_of_its_request(ends):
    here, there = ends
    wire.send(there, 7, b"one")
    wire.send(there, 2**63, b"")
    assert wire.receive(here, 100) == (7, b"one")
    assert wire.receive(here, 100) == (2**63, b"")


def test_a_large_message_comes_whole(ends):
    here, there = ends
    message = bytes(range(256)) * 20_000
    sender = threading.Thread(target=wire.send, args=(there, 1, message))
    sender.start()
    assert wire.receive(here, len(message)) == (1, message)
    sender.join()


def test_a_message_above_the_limit_is_not_read(ends):
    here, there = ends
    wire.send(there, 1, b"x" * 101)
    with pytest.raises(wire.TooLarge):
        wire.receive(here, 100)


def test_a_forged_length_costs_no_memory(ends):
    here, there = ends
    there.sendall(struct.pack("!QQ", 2**64 - 1, 1))
    with pytest.raises(wire.TooLarge):
        wire.receive(here, 1 << 30)


def test_nothing_in_time_is_a_timeout_after_which_the_stream_can_be_read(ends):
    here, there = ends
    with pytest.raises(TimeoutError) as caught:
        wire.receive(here, 100, soon())
    assert not isinstance(caught.value, wire.Torn)
    wire.send(there, 1, b"late")
    assert wire.receive(here, 100) == (1, b"late")


def test_a_message_that_begins_just_in_time_comes_whole(ends):
    here, there = ends
    sender = threading.Timer(
        0.1, lambda: [there.sendall(part) or time.sleep(0.05) for part in (struct.pack("!QQ", 9, 1), b"in ", b"parts.")]
    )
    sender.start()
    assert wire.receive(here, 100, time.monotonic() + 0.13) == (1, b"in parts.")
    sender.join()


def test_a_message_that_trickles_in_is_held_to_a_moment_as_a_whole(ends, monkeypatch):
    monkeypatch.setattr(wire, "MOMENT", 0.3)
    here, there = ends
    done = threading.Event()

    def trickle():
        for byte in struct.pack("!QQ", 1000, 1) + bytes(1000):
            if done.wait(0.02):
                return
            there.send(bytes([byte]))

    sender = threading.Thread(target=trickle)
    sender.start()
    began = time.monotonic()
    with pytest.raises(wire.Torn):
        wire.receive(here, 2000, soon())
    assert time.monotonic() - began < 2
    done.set()
    sender.join()


def test_a_reader_who_does_not_read_is_a_timeout(ends):
    here, _ = ends
    with pytest.raises(TimeoutError):
        wire.send(here, 1, bytes(50_000_000), soon())


def test_an_end_in_the_middle_is_the_end(ends):
    here, there = ends
    there.sendall(struct.pack("!QQ", 10, 1) + b"half")
    there.close()
    with pytest.raises(EOFError):
        wire.receive(here, 100)
