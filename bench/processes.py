"""What the kernel knows of processes and of this machine."""

import os
import platform
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_TICK = 1 / os.sysconf("SC_CLK_TCK")


class Memory(NamedTuple):
    """Mebibytes of one process: resident, and with what is shared counted by its share."""

    rss: float
    pss: float


def descendants(root: int) -> list[int]:
    """The processes that `root` has started, and those that they have, while they live."""
    children = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            children[int(fields[1])].append(int(folder.name))
    found: list[int] = []
    todo = [root]
    while todo:
        more = children[todo.pop()]
        found += more
        todo += more
    return found


def processor_seconds(processes: Iterable[int]) -> float:
    """What `processes` have used of the processor so far, their own work and the kernel's."""
    total = 0.0
    for process in processes:
        fields = _stat(process)
        if fields:
            total += (int(fields[11]) + int(fields[12])) * _TICK
    return total


def busy_seconds() -> float:
    """What everything on this machine has used of its processors, and its host has taken away."""
    first = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0]
    user, nice, system, _idle, _waiting, *interrupts = (int(one) for one in first.split()[1:9])
    return (user + nice + system + sum(interrupts)) * _TICK


def _stat(process: int) -> list[str]:
    """The fields of its `stat` from the third on; [] where it is gone."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def memory(process: int) -> Memory:
    """OSError where it is gone."""
    sizes = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if rest.endswith("kB"):
            sizes[name] = int(rest.split()[0]) / 1024
    return Memory(sizes["Rss"], sizes["Pss"])


def fsync_microseconds(folder: Path, times: int = 200) -> float:
    """What it costs here to have 4 KiB more of a file on the disk: the median of `times`."""
    took = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


def file_system(folder: Path) -> str:
    """The kind of file system that `folder` is on, such as "ext4"."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    mounts = {mount.split()[1]: mount.split()[2] for mount in lines}
    return next(mounts[str(one)] for one in (folder, *folder.parents) if str(one) in mounts)


def processor() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model"):
            return value.strip()
    return platform.machine()
