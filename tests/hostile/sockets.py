# Tries to leave the machine, and to reach other processes: network, loopback, abstract and named sockets.
# points: 4

# %% first
import os
import socket

for family, address in (
    (socket.AF_INET, ("1.1.1.1", 53)),
    (socket.AF_INET, ("127.0.0.1", 22)),
    (socket.AF_INET, ("169.254.169.254", 80)),
    (socket.AF_INET6, ("::1", 631)),
    (socket.AF_UNIX, "\0/tmp/.X11-unix/X0"),
    (socket.AF_UNIX, "/run/docker.sock"),
    (socket.AF_UNIX, "/run/systemd/private"),
):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as caller:
            caller.settimeout(0.2)
            caller.connect(address)
            print("FOUND a way to", address)
    except OSError:
        pass
for line in open("/proc/net/unix").read().splitlines()[1:] if os.path.exists("/proc/net/unix") else []:
    if "@" in line:
        try:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.settimeout(0.2)
                caller.connect("\0" + line.split("@", 1)[1])
                print("FOUND an abstract socket")
        except OSError:
            pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
