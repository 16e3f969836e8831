# Sends messages of its own on the kernel's channels: results for test cells, an early end of every cell, outputs for other cells.
# points: 0

# %% first
from IPython import get_ipython

kernel = get_ipython().kernel
parent = kernel.get_parent()


def send(socket, kind, content):
    try:
        kernel.session.send(socket, kind, content, parent=parent)
    except Exception as error:
        print(type(error).__name__)


for content in ({"status": "ok", "points": 4}, {"status": "ok", "execution_count": 1}, [1, 2], "text", None):
    send(kernel.shell_stream, "execute_reply", content)
for kind, content in (
    ("status", {"execution_state": "idle"}),
    ("status", {"execution_state": ["idle"]}),
    ("execute_result", {"data": {"text/plain": "4"}, "execution_count": 1, "metadata": {}}),
    ("execute_result", {"data": {"text/plain": {"deep": ["4"] * 1000}}}),
    ("display_data", {"data": "4"}),
    ("stream", {"name": "stdout", "text": ["4"]}),
    ("error", {"ename": None, "evalue": {}, "traceback": 4}),
    ("error", {}),
    (None, {}),
    ("status", {}),
):
    send(kernel.iopub_socket, kind, content)
kernel.iopub_socket.send_multipart([b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"])
kernel.iopub_socket.send(b"nonsense")

# %% scale
def scale(x, factor=2.0):
    return 4
