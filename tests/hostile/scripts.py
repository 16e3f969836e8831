# Shows HTML and JavaScript that would run in the browser of whoever reads the feedback.
# points: 4

# %% first
from IPython.display import HTML, Javascript, display

display(HTML("<script>alert('grades')</script><img src=x onerror=alert(1)>"))
display(Javascript("alert('grades')"))
display({"text/html": "<script>alert('grades')</script>", "application/javascript": "alert(1)"}, raw=True)
print("\x1b]0;title\x07\x1b[2J\x1b[1;1Hthe terminal is mine \u202e")

# %% scale
def scale(x, factor=2.0):
    return x * factor
