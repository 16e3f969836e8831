# Looks through every text that any object holds, those that were put away before the fork included, and every thread's frames.
# points: 0

# %% first
import gc
import re
import sys

PATTERN = re.compile("canary-[0-9a-f]{12}|63616e6172792d(?:[0-9a-f]{2}){12}")


def texts():
    gc.unfreeze()
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if type(part) is str:
                yield part
            elif type(part) in (bytes, bytearray):
                yield part.decode("latin-1")
    for frame in sys._current_frames().values():
        while frame is not None:
            yield from (value for value in frame.f_locals.values() if type(value) is str)
            frame = frame.f_back


for word in {word for text in texts() for word in PATTERN.findall(text)}:
    print("FOUND", word)
