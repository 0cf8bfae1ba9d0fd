"""Each ready card on LiteRT, ONNX Runtime and OpenVINO, 2 threads: is the chosen one the fastest?

``python bench/runtimes.py --write`` renews the [cards] of the package's table of speeds.
"""

import os
import sys
from pathlib import Path

import pixelwise
from harness import arguments, finish
from pixelwise.cards import Store, load_cards
from pixelwise.catalog.listing import usable_runtime
from pixelwise.catalog.timing import timed

THREADS = 2
TABLE = Path(pixelwise.__file__).parent / "cards" / "speeds.toml"


def write(times: dict[str, dict[str, float]]) -> None:
    """Put the times into the package's table."""
    head = TABLE.read_text(encoding="utf-8").partition("\n[cards]\n")[0]
    rows = [
        f"{card} = {{ {', '.join(f'{name} = {ms:.1f}' for name, ms in row.items())} }}"
        for card, row in times.items()
    ]
    TABLE.write_text("\n".join([head, "[cards]", *rows, ""]), encoding="utf-8")


def main() -> None:
    renew = "--write" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--write"]
    options = arguments(__doc__ or "")
    os.environ["PIXELWISE_MODEL_PATH"] = str(options.models)
    store, times = Store.from_environment(), {}
    figures: dict[str, float] = {}
    worst = 1.0
    for name, card in load_cards().items():
        if card.volume is not None or len(card.runtimes) < 2 or not store.is_ready(card):
            continue
        times[name] = row = timed(card, threads=THREADS, rounds=4 if options.quick else 10)
        chosen = usable_runtime(card)
        ratio = row[chosen] / min(row.values()) if chosen in row else float("inf")
        worst = max(worst, ratio)
        told = "  ".join(f"{runtime} {ms:8.1f}" for runtime, ms in row.items())
        print(f"{name:24} {told}   chosen {chosen}: {ratio:.3f} of the best", flush=True)
        figures[f"{name}_chosen/best"] = ratio
    if renew:
        write(times)
    finish({**figures, "worst_chosen/best": worst})


if __name__ == "__main__":
    main()
