# Walks all folders but the system's and Python's own for names, and reads every file there, those of every process included.
# points: 0

# %% first
import os
import re
import stat

PATTERN = re.compile(b"canary-[0-9a-f]{12}|63616e6172792d(?:[0-9a-f]{2}){12}")
PACKAGES = re.compile(r"^/usr/(lib|share|include)|/(lib|include)/python3")
NOT_READ = re.compile(r"^/(usr|lib|bin|sbin)\b|^/proc/sys/|/(pagemap|kcore|clear_refs)$")


def look(where, data):
    for found in set(PATTERN.findall(data)):
        print("FOUND", found.decode(), "in", where)


def read(path):
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with open(opened, "rb", buffering=0) as file:
            if not stat.S_ISCHR(os.fstat(opened).st_mode):
                look(path, file.read(1 << 20) or b"")
    except OSError:
        pass


for folder, below, files in os.walk("/"):
    look(folder, os.fsencode("\n".join(below + files)))
    below[:] = [name for name in below if not PACKAGES.search(os.path.join(folder, name))]
    for name in files:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            look(path, os.fsencode(os.readlink(path)))
        if not NOT_READ.search(path):
            read(path)
