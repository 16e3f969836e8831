# Searches the memory that its process was forked with, and what came into it since, wherever it may read.
# points: 0

# %% first
import ctypes
import re

PATTERN = re.compile(b"canary-[0-9a-f]{12}|63616e6172792d(?:[0-9a-f]{2}){12}|(?:c\0a\0n\0a\0r\0y\0-\0)(?:[0-9a-f]\0){12}")


def regions():
    for line in open("/proc/self/maps"):
        fields = line.split(None, 5)
        start, end = (int(part, 16) for part in fields[0].split("-"))
        of_a_file = len(fields) > 5 and fields[5].startswith("/")
        if "r" in fields[1] and ("w" in fields[1] or not of_a_file) and "[v" not in line:
            yield start, end


def searched():
    found = set()
    for start, end in list(regions()):
        for place in range(start, end, 64 << 20):
            found |= set(PATTERN.findall(ctypes.string_at(place, min(end - place, (64 << 20) + 64))))
    return {word.replace(b"\0", b"").decode() for word in found}


for word in searched():
    print("FOUND", word)
