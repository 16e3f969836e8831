# Stops every clock it can reach, takes away alarms and interrupts, and then waits for ever in each call.
# points: 0

# %% first
import signal
import threading
import time

for name in ("time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns"):
    setattr(time, name, lambda: 0)
signal.setitimer(signal.ITIMER_REAL, 0)
for number in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM, signal.SIGXCPU):
    signal.signal(number, signal.SIG_IGN)
threading.Thread(target=lambda: threading.Event().wait(), daemon=False).start()

# %% scale
def scale(x, factor=2.0):
    while True:
        threading.Event().wait(3600)
