# Looks at every descriptor that it has: where it leads, what can be read there, who is at the other end.
# points: 4

# %% first
import fcntl
import os
import re
import socket
import stat
import struct

PATTERN = re.compile(b"canary-[0-9a-f]{12}|63616e6172792d(?:[0-9a-f]{2}){12}")


def look(where, data):
    for found in set(PATTERN.findall(data)):
        print("FOUND", found.decode(), "in", where)


for number in sorted(int(name) for name in os.listdir("/proc/self/fd")):
    try:
        kind = os.fstat(number).st_mode
        look(number, os.fsencode(os.readlink(f"/proc/self/fd/{number}")))
        look(number, open(f"/proc/self/fdinfo/{number}", "rb").read())
    except OSError:
        continue
    if stat.S_ISDIR(kind):
        print("FOUND a folder", number) if not os.readlink(f"/proc/self/fd/{number}").startswith("/proc/") else None
    if stat.S_ISREG(kind):
        print("FOUND a file", number)
        look(number, os.pread(number, 1 << 24, 0))
    if stat.S_ISSOCK(kind):
        with socket.socket(fileno=os.dup(number)) as end:
            try:
                look(number, end.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT))
                message, extra, _, _ = end.recvmsg(1, 4096, socket.MSG_PEEK | socket.MSG_DONTWAIT)
                print("FOUND descriptors on the way") if extra else None
            except OSError:
                pass
            try:
                process, _, _ = struct.unpack("iII", end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
                print("FOUND the number of a process outside") if process > 4 else None
                print("FOUND a handle of a process outside", end.getsockopt(socket.SOL_SOCKET, 77, 4)) if process > 4 else None
            except OSError:
                pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
