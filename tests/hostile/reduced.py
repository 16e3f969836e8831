# Returns objects that run code when they are unpickled, copied, formatted or shown.
# points: 0

# %% scale
import os


class Loaded:
    def __reduce__(self):
        return os.system, ("echo FOUND > /tmp/FOUND",)

    def __reduce_ex__(self, protocol):
        return exec, ("print('FOUND: unpickled')",)

    def __copy__(self):
        print("FOUND: copied")
        return self

    def __deepcopy__(self, memo):
        print("FOUND: copied deeply")
        return self

    def __format__(self, spec):
        return "FOUND: formatted"

    def _repr_html_(self):
        return "<script>FOUND</script>"


def scale(x, factor=2.0):
    return [Loaded(), {"x": Loaded()}, (Loaded(),)]
