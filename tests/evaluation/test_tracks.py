"""Tracks against TrackEval, and against sums written out where it is not installed."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend
from pixelwise.errors import InputError
from pixelwise.evaluation import METRICS, Evaluation, evaluate
from pixelwise.evaluation import sequences as tracking
from pixelwise.evaluation import tracks as tracks_family
from pixelwise.evaluation.flicker import evaluate_flicker

LEGEND = Legend.of(["car", "person"], things=["car", "person"])
SIZE = (40, 60)


def frames_of(seed, clutter, frames=40, truths=7, results=8):
    random = np.random.default_rng(seed)
    for _ in range(frames):
        truth = np.flatnonzero(random.random(truths) < 0.8)
        result = np.flatnonzero(random.random(results) < 0.8)
        same = truth[:, None] == result
        near = same | (random.random(same.shape) < clutter)
        similarity = near * random.random(same.shape) * np.where(same, 1.0, 0.8)
        yield tracking.Frame(truth, result, similarity)


def trackeval_data(frames):
    truths = np.unique(np.concatenate([frame.truth for frame in frames]))
    results = np.unique(np.concatenate([frame.result for frame in frames]))
    return {
        "num_timesteps": len(frames),
        "num_gt_ids": len(truths),
        "num_tracker_ids": len(results),
        "num_gt_dets": sum(len(frame.truth) for frame in frames),
        "num_tracker_dets": sum(len(frame.result) for frame in frames),
        "gt_ids": [np.searchsorted(truths, frame.truth) for frame in frames],
        "tracker_ids": [np.searchsorted(results, frame.result) for frame in frames],
        "similarity_scores": [frame.similarity for frame in frames],
    }


@pytest.mark.parametrize("clutter", [0.0, 0.1, 0.6])
def test_counts_of_tracks_equal_trackeval(clutter):
    metrics = pytest.importorskip("trackeval.metrics", reason="TrackEval is not installed")
    quiet = {"PRINT_CONFIG": False}
    for seed in range(5):
        frames = list(frames_of(seed, clutter))
        data = trackeval_data(frames)
        hota = metrics.HOTA().eval_sequence(data)
        clear = metrics.CLEAR(quiet).eval_sequence(data)
        identity = metrics.Identity(quiet).eval_sequence(data)
        tracks = tracking.Tracks.of(frames)
        hits, missed, wrong, shared = tracking.hota_counts(tracks)
        assert hits.tolist() == hota["HOTA_TP"].tolist()
        assert missed.tolist() == hota["HOTA_FN"].tolist()
        assert wrong.tolist() == hota["HOTA_FP"].tolist()
        assert shared / np.maximum(1, hits) == pytest.approx(hota["AssA"], abs=1e-12)
        expected = [clear[key] for key in ("CLR_TP", "CLR_FN", "CLR_FP", "IDSW", "MOTP_sum")]
        assert tracking.clear_counts(tracks) == pytest.approx(expected, abs=1e-9)
        expected = [identity[key] for key in ("IDTP", "IDFN", "IDFP")]
        assert tracking.identity_counts(tracks).tolist() == expected
        table = tracks_family.counts_of(frames)
        final = {
            "hota": hota["HOTA"].mean(),
            "mota": clear["MOTA"],
            "motsa": clear["MOTA"],  # what MOTS calls MOTA when masks are matched
            "smotsa": clear["sMOTA"],
            "idf1": identity["IDF1"],
        }
        for name, value in final.items():
            assert METRICS[name].per_class(table) == pytest.approx(value, abs=1e-12), name


def squares(places, ids, class_id=0, crowd=()):
    masks = np.zeros((len(places), *SIZE), bool)
    for mask, (y, x) in zip(masks, places, strict=True):
        mask[y : y + 10, x : x + 10] = True
    made = Instances.of(masks, np.full(len(places), class_id, np.int32), LEGEND)
    table = made.segments.with_columns(track_id=ids, crowd=[n in crowd for n in range(len(places))])
    return Instances(table, made.crops, SIZE, LEGEND)


def video(swap):
    """Two squares move right; the result swaps their ids from frame ``swap`` on."""
    for number in range(6):
        places = [(2, 2 + 4 * number), (25, 30 - 2 * number)]
        ids = [7, 5] if number < swap else [5, 7]
        yield f"clip/{number}", squares(places, [1, 2]), squares(places, ids)


def scored(frames, metrics):
    evaluation = Evaluation(metrics)
    for name, truth, result in frames:
        evaluation.add(truth, result, name)
    return evaluation.scores()


def test_tracks_without_fault_score_one():
    scores = scored(video(swap=6), ["hota", "mota", "motsa", "smotsa", "idf1", "deta", "assa"])
    assert {score.value for score in scores.values()} == {1.0}
    assert scores["hota"].samples == 1


def test_tracks_that_swap_lose_identity_but_not_detection():
    scores = scored(video(swap=3), ["hota", "mota", "idf1", "deta", "assa"])
    assert scores["deta"].value == 1.0
    assert scores["mota"].value == pytest.approx(1 - 2 / 12)
    assert scores["idf1"].value == 0.5
    assert scores["assa"].value == pytest.approx(3 / 9)
    assert scores["hota"].value == pytest.approx(np.sqrt(3 / 9))


def test_detection_inside_a_region_to_ignore_counts_neither_way():
    truth = squares([(2, 2), (25, 30)], [1, 9], crowd={1})
    result = squares([(2, 2), (26, 31)], [4, 6])
    scores = scored([("a/0", truth, result)], ["mota", "hota"])
    assert scores["mota"].value == 1.0
    assert scores["hota"].value == 1.0


def test_videos_are_the_samples_and_classes_are_apart():
    frames = [
        (f"{clip}/{n}", squares([(2, 2)], [1], kind), squares([(2, 2 + shift)], [1], kind))
        for clip, kind, shift in (("a", 0, 0), ("b", 1, 8))
        for n in range(3)
    ]
    score = scored(frames, ["hota"])["hota"]
    assert score.samples == 2
    rows = {row.name: row for row in score.per_class}
    assert rows["car"].value == 1.0
    assert rows["person"].value < 0.2
    assert rows["car"].samples == 1
    assert scored(frames, ["hota"]).worst("hota", 1)[0][0] == "b"


def test_tracks_without_ids_say_so():
    with pytest.raises(InputError, match="without a track id"):
        scored([("a/0", squares([(2, 2)], [-1]), squares([(2, 2)], [1]))], ["hota"])


def test_tracks_with_one_id_twice_say_so():
    twice = squares([(2, 2), (25, 30)], [1, 1])
    with pytest.raises(InputError, match="one track id twice"):
        scored([("a/0", twice, twice)], ["hota"])


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # theirs
def test_j_and_f_equal_trackeval():
    metrics = pytest.importorskip("trackeval.metrics", reason="TrackEval is not installed")
    mask_api = pytest.importorskip("pycocotools.mask", reason="pycocotools is not installed")
    frames = [
        (
            f"v/{n}",
            squares([(2, 2 + 3 * n), (25, 30)], [1, 2]),
            squares([(3, 4 + 3 * n), (24, 33), (0, 48)], [5, 6, 8]),
        )
        for n in range(5)
    ]
    frames.append(("v/5", squares([(20, 10)], [2]), squares([(22, 11)], [6])))

    def coded(things):
        return [mask_api.encode(np.asfortranarray(m.astype(np.uint8))) for m in things.masks]

    truth_ids, result_ids = {1: 0, 2: 1}, {5: 0, 6: 1, 8: 2}
    theirs = metrics.JAndF().eval_sequence(
        {
            "num_timesteps": len(frames),
            "num_gt_ids": 2,
            "num_tracker_ids": 3,
            "gt_dets": [coded(truth) for _, truth, _ in frames],
            "tracker_dets": [coded(result) for _, _, result in frames],
            "gt_ids": [np.array([truth_ids[i] for i in t.segments.track_id]) for _, t, _ in frames],
            "tracker_ids": [
                np.array([result_ids[i] for i in r.segments.track_id]) for _, _, r in frames
            ],
        }
    )
    ours = scored(frames, ["j_and_f", "j", "f"])
    assert ours["j"].value == pytest.approx(theirs["J-Mean"], abs=1e-12)
    assert ours["f"].value == pytest.approx(theirs["F-Mean"], abs=1e-12)
    assert ours["j_and_f"].value == pytest.approx(theirs["J&F"], abs=1e-12)


def test_j_of_a_missing_object_is_zero_and_of_a_foreground_is_its_iou():
    truth = squares([(2, 2), (25, 30)], [1, 2])
    result = squares([(2, 2)], [1])
    assert scored([("v/0", truth, result)], ["j"])["j"].value == 0.5
    mask = np.array(truth)[0]
    pair = Foreground(mask), Foreground(mask | np.array(truth)[1])
    assert scored([("v/0", *pair)], ["j"])["j"].value == 0.5


def moving_square(step):
    random = np.random.default_rng(0)
    texture = random.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    ground = random.integers(0, 256, (15, 24, 3), dtype=np.uint8)
    ground = cv2.resize(ground, (160, 100), interpolation=cv2.INTER_CUBIC)
    mask = np.zeros((100, 160), bool)
    thing = (slice(30, 60), slice(20 + step, 50 + step))
    ground[thing] = cv2.resize(texture, (30, 30), interpolation=cv2.INTER_CUBIC)
    mask[thing] = True
    return Image(ground), mask


def test_flicker_of_a_mask_that_moves_with_its_thing_is_far_below_one_that_blinks():
    steady, blinking = [], []
    for number in range(5):
        image, mask = moving_square(4 * number)
        steady.append((image, Foreground(mask)))
        blinking.append((image, Foreground(mask if number % 2 else np.zeros_like(mask))))
    calm = evaluate_flicker({"clip": steady})["flicker"]
    wild = evaluate_flicker({"clip": blinking, "twin": blinking})["flicker"]
    assert calm.value < 0.1  # without the flow it would be 0.235
    assert wild.value > 0.9
    assert (calm.samples, wild.samples) == (4, 8)


def test_flicker_of_one_frame_says_so():
    image, mask = moving_square(0)
    with pytest.raises(InputError, match="two frames or more"):
        evaluate_flicker({"clip": [(image, Foreground(mask))]})
    with pytest.raises(InputError, match="use evaluate_flicker"):
        evaluate(Foreground(mask), Foreground(mask), ["flicker"])
