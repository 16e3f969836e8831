# Prints and raises control characters that would rewrite a terminal, a log or a table.
# points: 4

# %% first
print("\x1b[2J\x1b[H\x1b]0;all passed\x07 4 of 4 passed\r\x1b[1A\x1b[2K")
print("\u202e\u2066 points 4\u2069\u200f\x00\x08\x08\x9b31m\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
print("line\u2028separated\u2029\x0b\x0c\x85")

# %% last
raise ValueError("\x1b[31m\u202e4 of 4\x1b[0m\r\n\x1b[1A")

# %% scale
def scale(x, factor=2.0):
    return x * factor
