"""A fixture that damages files and has a child process decode them under a watch."""

import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("child.py")
DEADLINE_S = 5.0
START_S = 60.0
MOST_MIB = 1200
"""What the rules of the child grant one picture, and some room."""


@pytest.fixture
def damage(tmp_path):
    """Return a function: sound files by name -> what went wrong with their mutants."""

    def run(files, count=200):
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        wrong, first = [], 0
        while first < count:
            first, more = watched(tmp_path, first, count)
            wrong += more
        return wrong

    return run


@pytest.fixture
def watch():
    """Return the watch itself, to be tried on children that misbehave."""
    return watched


def watched(folder, first, count, *, child=CHILD, deadline_s=DEADLINE_S):
    """Run the child until it ends, dies or hangs; return the next number and what was wrong."""
    command = [sys.executable, "-W", "error", str(child), str(folder), str(first), str(count)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace"
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [*map(lines.put, process.stdout), lines.put(None)])
    reader.start()
    wrong, running, deadline = [], None, START_S
    try:
        while (line := lines.get(timeout=deadline)) is not None:
            word, number, *rest = line.split(maxsplit=3)
            running = int(number) if word == "start" else None
            deadline = deadline_s
            if rest and (rest[1].strip() != "ok" or int(rest[0]) > MOST_MIB):
                wrong.append(f"mutant {number}: {rest[1].strip()}, {rest[0]} MiB")
    except queue.Empty:
        wrong.append(f"mutant {running} ran over {deadline} s")
    finally:
        process.kill()
        code = process.wait()
        reader.join()
        process.stdout.close()
    if running is None:
        assert code == 0 or wrong, f"the child ended with {code} before its first mutant"
        return count, wrong
    if not wrong or "ran over" not in wrong[-1]:
        wrong.append(f"mutant {running} ended the process with {code}")
    return running + 1, wrong
