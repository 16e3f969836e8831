# Fills every place that can be written to, opens all the files it can, and is otherwise right.
# points: 4

# %% first
import os

opened = []
for place in ("/scratch", "/dev/shm"):
    try:
        for number in range(100_000):
            with open(f"{place}/{number}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError as error:
        print(place, number, error)
try:
    while True:
        opened.append(open("/dev/null"))
except OSError as error:
    print(len(opened), error)
for file in opened[-40:]:
    file.close()

# %% scale
def scale(x, factor=2.0):
    return x * factor
