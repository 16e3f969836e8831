# Answers a byte at a time, each just before patience would be lost.
# points: 0

# %% first
import gc
import struct
import time

agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent")


def drip():
    agent.stream.sendall(struct.pack("!QQ", 1 << 20, 1))
    while True:
        agent.stream.sendall(b"x")
        time.sleep(0.3)


# %% scale
def scale(x, factor=2.0):
    drip()
