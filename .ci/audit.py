"""Look the locked packages up in the vulnerability database; a skipped package is a failure."""

import json
import subprocess
import sys


def main(lock: str) -> int:
    command = [
        "pip-audit",
        "-r",
        lock,
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *command[1:]],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done.stdout.strip():
        sys.stderr.write(done.stderr)
        return done.returncode or 1
    packages = json.loads(done.stdout)["dependencies"]
    skipped = [entry["name"] for entry in packages if "skip_reason" in entry]
    broken = {e["name"]: [v["id"] for v in e["vulns"]] for e in packages if e.get("vulns")}
    print(
        f"{len(packages)} packages, {len(broken)} with known vulnerabilities, {len(skipped)} skipped"
    )
    for name, ids in broken.items():
        print(f"  {name}: {', '.join(ids)}")
    for name in skipped:
        print(f"  skipped: {name}")
    return 1 if broken or skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
