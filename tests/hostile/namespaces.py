# Tries to gain rights: new namespaces, mounts, another root, another user, devices.
# points: 4

# %% first
import ctypes
import os
import stat

libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x08000000):  # user, mount, process, network, IPC namespaces
    if libc.unshare(flag) == 0:
        print("FOUND a namespace of its own", hex(flag))
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    print("FOUND a mount")
for name, attempt in {
    "another root": lambda: os.chroot("/tmp"),
    "a device": lambda: os.mknod("/tmp/device", stat.S_IFBLK | 0o600, os.makedev(8, 0)),
    "a higher priority": lambda: os.nice(-10),
    "the clock": lambda: __import__("time").clock_settime(0, 0),
    "another name": lambda: __import__("socket").sethostname("mine"),
}.items():
    try:
        attempt()
        print("FOUND", name)
    except (OSError, AttributeError):
        pass
try:
    os.setuid(0)
    open("/etc/passwd", "a").close()
    print("FOUND the system's files open for writing")
except OSError:
    pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
