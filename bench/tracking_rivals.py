"""The child of tracking.py: ByteTrack of roboflow/trackers on pickled boxes, ids back on stdout."""

import pickle
import sys
import warnings

import numpy as np
import supervision
import trackers

warnings.simplefilter("ignore")
LOW = 0.1
TUNED = {"track_activation_threshold": 0.35, "high_conf_det_threshold": 0.25}


def main() -> None:
    films = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent
    settings = TUNED if "our thresholds" in sys.argv[1] else {}
    made = {}
    for name, frames in films.items():
        tracker = trackers.ByteTrackTracker(**settings)
        made[name] = []
        for boxes, scores, classes in frames:
            found = supervision.Detections(
                xyxy=boxes.astype(float).reshape(-1, 4),
                confidence=scores.astype(float),
                class_id=classes.astype(int),
                data={"row": np.arange(len(boxes))},
            )
            tracked = tracker.update(found[scores >= LOW])
            ids = np.full(len(boxes), -1)
            if len(tracked):
                ids[tracked.data["row"]] = tracked.tracker_id
            made[name].append(ids)
    sys.stdout.buffer.write(pickle.dumps(made))


if __name__ == "__main__":
    main()
