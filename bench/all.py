"""Runs every benchmark, each in the interpreter that it needs, and gathers the last lines."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ELSEWHERE = {"mediapipe": ".venv-rivals", "video": ".venv-rivals", "training": ".venv-train"}
"""Benchmarks that need another environment: that of the rivals, or that with torch."""
NOT_BENCHES = {"all", "harness", "tracking_rivals"}


def main() -> int:
    failed = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem in NOT_BENCHES:
            continue
        home = ELSEWHERE.get(path.stem)
        python = str(HERE.parent / home / "bin" / "python") if home else sys.executable
        print(f"== {path.stem}", flush=True)
        done = subprocess.run(
            [python, str(path), *sys.argv[1:]], stdout=subprocess.PIPE, text=True, check=False
        )
        print(done.stdout, flush=True)
        lines = done.stdout.strip().splitlines()
        if done.returncode or not lines or not isinstance(json.loads(lines[-1]), dict):
            failed.append(path.stem)
    print(f"failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
