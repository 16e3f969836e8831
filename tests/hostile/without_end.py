# Returns iterators and sequences without an end, and answers every question about them with more.
# points: 0

# %% scale
import itertools


class More:
    def __len__(self):
        return 2**31

    def __getitem__(self, key):
        return More()

    def __iter__(self):
        return iter(lambda: More(), None)

    def __getattr__(self, name):
        return More()

    def __call__(self, *arguments):
        return More()


turn = itertools.count()


def scale(x, factor=2.0):
    return [More(), itertools.count(), [More()] * 1000, {"more": More()}][next(turn) % 4]
