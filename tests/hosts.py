"""Hosts of their own on this machine: network namespaces on a switch, which reach each other by address and nothing else."""

import os
import shutil
import subprocess
import sys

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def missing() -> str:
    """Why there can be none here, or ""."""
    if sys.platform != "linux":
        return "there are no network namespaces but on Linux"
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    return "" if shutil.which("ip") else "network namespaces are made by `ip`: install iproute2"


class Hosts:
    """Use it as a context manager; at its end they and all processes on them are gone."""

    def __init__(self):
        self.prefix, self.names = f"course-{os.getpid()}", []

    def __enter__(self) -> "Hosts":
        self._namespace("switch")
        self._ip("-n", self.names[0], "link", "add", "name", "switch", "type", "bridge")
        self._ip("-n", self.names[0], "link", "set", "dev", "switch", "up")
        return self

    def __exit__(self, *exception) -> None:
        for name in self.names:
            for process in self._ip("netns", "pids", name).split():
                subprocess.run(["kill", "-9", process], **QUIET)
            self._ip("netns", "delete", name)

    def add(self) -> str:
        """The address of one more host."""
        number = len(self.names)
        name, address, cable = self._namespace(f"{number}"), f"10.203.0.{number}", f"cable{number}"
        self._ip("-n", self.names[0], "link", "add", "name", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        self._ip("-n", self.names[0], "link", "set", "dev", cable, "master", "switch", "up")
        self._ip("-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            self._ip("-n", name, "link", "set", "dev", device, "up")
        return address

    def command(self, address: str) -> list[str]:
        """What to put before a command for it to run on that host."""
        return ["ip", "netns", "exec", self.names[int(address.rpartition(".")[2])]]

    def _namespace(self, what: str) -> str:
        name = f"{self.prefix}-{what}"
        self._ip("netns", "add", name)
        self.names.append(name)
        return name

    @staticmethod
    def _ip(*arguments: str) -> str:
        return subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True).stdout
