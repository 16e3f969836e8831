# Takes all the memory there is: in one piece, in small pieces, shared, and in many processes at once.
# points: 4

# %% first
import mmap
import os

held = []
for size in (1 << 36, 1 << 30, 1 << 24, 1 << 12):
    try:
        while len(held) < 3000:
            held.append(bytearray(size))
    except MemoryError:
        pass
held.clear()
try:
    while True:
        held.append(mmap.mmap(-1, 1 << 30))
except OSError as error:
    print("shared:", error)
for _ in range(40):
    try:
        if os.fork() == 0:
            rest = [bytearray(b"x" * (1 << 24)) for _ in range(1000)]
            os._exit(0)
    except (OSError, MemoryError):
        pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
