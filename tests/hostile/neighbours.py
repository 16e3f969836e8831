# Looks for what other processes of the machine offer: shared memory, queues, semaphores, sockets by name and by number.
# points: 4

# %% first
import ctypes
import os
import re
import socket

PATTERN = re.compile(b"canary-[0-9a-f]{12}|63616e6172792d(?:[0-9a-f]{2}){12}")
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p


def look(where, data):
    for found in set(PATTERN.findall(data)):
        print("FOUND", found.decode(), "in", where)


for name in ("/proc/net/unix", "/proc/net/tcp", "/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/sysvipc/sem", "/proc/locks", "/proc/keys"):
    try:
        text = open(name, "rb").read()
        look(name, text)
        print("FOUND an entry in", name) if name.startswith("/proc/sysvipc") and text.count(b"\n") > 1 else None
    except OSError:
        text = b""
    for found in PATTERN.findall(text) if name == "/proc/net/unix" else ():
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(b"\0" + found)
for folder in ("/dev/shm", "/dev/mqueue"):
    if os.path.isdir(folder):
        look(folder, os.fsencode("\n".join(os.listdir(folder))))
for number in range(200):
    place = libc.shmat(number, None, 0o10000)
    if place not in (None, ctypes.c_void_p(-1).value):
        look("shared memory", ctypes.string_at(place, 64))
        print("FOUND shared memory", number)
for port in (*range(1, 1024), *range(32768, 36000)):
    with socket.socket() as caller:
        if caller.connect_ex(("127.0.0.1", port)) == 0:
            print("FOUND a server on port", port)

# %% scale
def scale(x, factor=2.0):
    return x * factor
