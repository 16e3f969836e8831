# Ignores every interrupt, in every call.
# points: 0

# %% scale
import signal


def scale(x, factor=2.0):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            while True:
                x = x + 0
        except BaseException:
            pass
