"""How soon a fresh process answers: import, --help, first mask; MediaPipe's import beside it."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import skimage.data

import pixelwise as pw
from harness import arguments, finish

JOBS = {
    "import": [sys.executable, "-c", "import pixelwise"],
    "python alone": [sys.executable, "-c", "pass"],
    "help": [sys.executable, "-m", "pixelwise", "--help"],
}
RIVALS = Path(__file__).resolve().parents[1] / ".venv-rivals" / "bin" / "python"


def main() -> None:
    options = arguments(__doc__)
    os.environ["PIXELWISE_MODEL_PATH"] = str(options.models)
    picture = Path("/tmp") / f"pixelwise-startup-{os.getpid()}.png"  # noqa: S108
    pw.write(picture, pw.Image(skimage.data.astronaut()))
    code = f"import pixelwise as pw; pw.segment({str(picture)!r}, model='selfie').mask"
    jobs = {**JOBS, "first mask": [sys.executable, "-c", code]}
    if RIVALS.exists():
        jobs["import mediapipe"] = [str(RIVALS), "-c", "import mediapipe"]
    times = {name: _median(command, 3 if options.quick else 9) for name, command in jobs.items()}
    picture.unlink()
    for name, seconds in times.items():
        print(f"{name:>18}: {seconds:.3f} s")
    finish({name.replace(" ", "_") + "_s": seconds for name, seconds in times.items()})


def _median(command: list[str], rounds: int) -> float:
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    main()
