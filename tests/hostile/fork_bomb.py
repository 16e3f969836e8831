# Forks for ever in a cell, and leaves a process behind that goes on in the background.
# points: 4

# %% first
import os

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open("/scratch/log", "w").write("still here")
    os._exit(0)
while True:
    try:
        os.fork()
    except OSError:
        pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
