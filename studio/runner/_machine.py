"""What the machine tells about itself, through psutil and NVIDIA's library where they are installed.

The only module that imports either, and late: a run needs neither.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_NVIDIA_DRIVER = "libnvidia-ml.so.1"


def processes() -> Iterator[tuple[int, int, int, str]]:
    """Yield pid, start time, parent's pid and state ("Z" for a zombie) of all processes.

    Raises:
        ImportError: psutil is not installed.
    """
    import psutil

    for process in psutil.process_iter(["pid", "ppid", "create_time", "status"]):
        told = process.info
        state = "Z" if told["status"] == psutil.STATUS_ZOMBIE else "S"
        yield told["pid"], int(told["create_time"] or 0), told["ppid"] or 0, state


class Machine:
    """Measures some processes and the machine below them.

    Raises:
        ImportError: psutil is not installed.
        NotImplementedError: it does not know this system.
    """

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil
        self._gpus = _Gpus()
        self._before: dict[str, tuple[float, float]] = {}

    def read(self, pids: Collection[int]) -> dict[str, float]:
        """Return what can be measured now, by name; rates are those since the last call."""
        found: dict[str, float] = {}
        looks: list[Callable[[], dict[str, float]]] = [
            lambda: self._tree(pids),
            self._whole,
            self._disks,
            self._network,
            self._gpus.read,
        ]
        for look in looks:
            # One odd driver or file of the kernel must not hide all the rest.
            with contextlib.suppress(Exception):
                found.update(look())
        return found

    def _tree(self, pids: Collection[int]) -> dict[str, float]:
        # What a process has used is counted with its parent once it ended; the last such parent is
        # this process. So nothing is missed, however short it lived.
        own = os.times()
        seconds = own.children_user + own.children_system
        size = 0
        for pid in pids:
            with contextlib.suppress(self._psutil.Error):
                process = self._psutil.Process(pid)
                size += process.memory_info().rss
                seconds += sum(process.cpu_times()[:4])
        return {"memory_bytes": size} | self._rate("cpu_percent", 100 * seconds)

    def _whole(self) -> dict[str, float]:
        return {
            "machine_cpu_percent": self._psutil.cpu_percent(),
            "machine_memory_percent": self._psutil.virtual_memory().percent,
        }

    def _disks(self) -> dict[str, float]:
        told = self._psutil.disk_io_counters()
        if told is None:
            return {}
        return self._rate("disk_bytes_per_second", told.read_bytes + told.write_bytes)

    def _network(self) -> dict[str, float]:
        told = self._psutil.net_io_counters(pernic=True)
        # What a machine says to itself does not travel.
        total = sum(n.bytes_sent + n.bytes_recv for name, n in told.items() if name != "lo")
        return self._rate("network_bytes_per_second", total)

    def _rate(self, name: str, total: float) -> dict[str, float]:
        """Return by how much a total grows in a second, nothing the first time."""
        now = time.monotonic()
        before, at = self._before.get(name, (total, now))
        # A process that nobody has buried yet is in no count for a moment.
        self._before[name] = (max(total, before), now)
        return {name: round(max(total - before, 0) / (now - at), 1)} if now > at else {}


class _Gpus:
    """The GPUs of NVIDIA; none without the driver or the package nvidia-ml-py."""

    def __init__(self) -> None:
        self._found: list[object] = []
        # No driver, a broken one, or another package of this name: no GPU for us.
        with contextlib.suppress(Exception):
            # The package takes 17 MB of memory, so it is not loaded for nothing.
            ctypes.CDLL(_NVIDIA_DRIVER)
            import pynvml

            self._library = pynvml
            pynvml.nvmlInit()
            count = pynvml.nvmlDeviceGetCount()
            self._found = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(count)]

    def read(self) -> dict[str, float]:
        told: dict[str, float] = {}
        for number, gpu in enumerate(self._found):
            # A part of a GPU has memory but no use of its own.
            with contextlib.suppress(Exception):
                told[f"gpu_{number}_memory_bytes"] = self._library.nvmlDeviceGetMemoryInfo(gpu).used
                rates = self._library.nvmlDeviceGetUtilizationRates(gpu)
                told[f"gpu_{number}_percent"] = rates.gpu
        return told
