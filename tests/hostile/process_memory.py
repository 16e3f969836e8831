# Tries to read and to write the memory of its parents and neighbours, and to trace them.
# points: 4

# %% first
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
others = {os.getppid(), 1} | {int(name) for name in os.listdir("/proc") if name.isdigit()}
others.discard(os.getpid())
for other in sorted(others):
    if libc.ptrace(16, other, None, None) == 0:  # PTRACE_ATTACH
        print("FOUND a process to trace", other)
        libc.ptrace(17, other, None, None)
    try:
        with open(f"/proc/{other}/mem", "r+b", buffering=0) as memory:
            print("FOUND memory of", other, memory)
    except OSError:
        pass
    try:
        if open(f"/proc/{other}/environ", "rb").read():
            print("FOUND an environment")
    except OSError:
        pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
