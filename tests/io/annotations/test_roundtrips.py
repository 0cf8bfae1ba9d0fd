"""Every format of the table: what it was given after fitting comes back exactly."""

from dataclasses import replace

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pixelwise.core import Crop, Instances, Legend, LegendClass, Panoptic, Segments
from pixelwise.errors import OutputError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import convert, faults_of, open_dataset, sniffed
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.annotations.fitting import Fit
from pixelwise.io.annotations.losses import Identity
from pixelwise.io.annotations.objects import instances_of, objects_of
from pixelwise.io.format import Reading

LEGEND = Legend(
    (
        LegendClass(3, "person", (220, 20, 60), is_thing=True),
        LegendClass(7, "car", (0, 0, 142), is_thing=True),
        LegendClass(9, "sky", (70, 130, 180)),
        LegendClass(12, "road", (128, 64, 128)),
    )
)
ONE_FILE = {"coco": ".json", "coco-video": ".json", "cvat-zip": ".zip", "cvat": ".xml"}


def place_for(name, folder):
    return folder / f"{name}{ONE_FILE.get(name, '')}"


def sample_of(name, masks, kinds, *, crowd=(), scores=None, tracks=None):
    crops = [Crop.of(mask) for mask in masks]
    table = Segments.of(kinds, score=scores, track_id=tracks).with_columns(
        crowd=np.array([row in crowd for row in range(len(kinds))], bool)
    )
    result = instances_of(table, crops, masks[0].shape, LEGEND)
    return Sample(name=name, result=result)


def written(name, samples, folder, legend=LEGEND):
    """Write samples, read them back, and return both sides after fitting."""
    row = ANNOTATIONS[name]
    fit = Fit(legend, row.capacity)
    given_, lost = [], []
    for sample in samples:
        made, losses = fit(sample)
        given_.append(made)
        lost += losses
    place = place_for(name, folder)
    row.write(place, Dataset(legend=fit.legend, samples=given_))
    assert sniffed(place) == name
    assert [fault for fault in faults_of(place, name) if not fault.harmless] == []
    return given_, list(row.read(place, Reading())), lost


def described(sample, capacity):
    """Return the objects as comparable rows; what stands for nothing in particular left out."""
    objects = objects_of(sample.result)
    table = objects.segments
    rows = []
    for row, crop in enumerate(objects.crops):
        kind = objects.legend.name(int(table.class_id[row]))
        if kind == "background":
            continue
        score = round(float(table.score[row]), 6) if capacity.score else 1.0
        rows.append((crop.box, crop.mask.tobytes(), kind, bool(table.crowd[row]), score))
    return sorted(rows)


def assert_same(given_, back, capacity):
    assert [sample.stem for sample in back] == [sample.stem for sample in given_]
    for before, after in zip(given_, back, strict=True):
        assert after.size == before.size
        assert described(after, capacity) == described(before, capacity)


def scene():
    """Two frames of one clip and another picture: all that is hard to hold."""
    first = np.zeros((6, 24, 30), bool)
    first[0, 2:12, 2:12] = True
    first[0, 4:8, 4:8] = False  # a hole
    first[0, 5, 5] = True  # an island in it
    first[1, 2:12, 12:20] = True  # touches the first
    first[2, 20, 29] = True  # one pixel in a corner
    first[3, 15:20, 1:4] = first[3, 15:20, 8:11] = True  # two pieces
    first[4] = ~first[:4].any(axis=0)  # the rest, with holes of every kind
    first[5, 6:18, 6:18] = True  # over all
    kinds = [3, 3, 7, 7, 9, 3]
    tracks = [1, 2, 3, 4, 5, 6]
    scores = [1, 0.5, 0.25, 1, 1, 0.125]
    frame = sample_of("walk/000001.jpg", first, kinds, crowd=[3], scores=scores, tracks=tracks)
    later = sample_of("walk/000002.jpg", first[[1, 0]], [3, 3], tracks=[2, 1])
    rest = np.zeros((2, 9, 7), bool)
    rest[0, ::2, ::2] = True
    rest[1, 1::2] = True
    return [
        frame,
        later,
        sample_of("yard/000001.jpg", rest, [7, 12], tracks=[1, 2]),
    ]


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_format_when_scene_written_then_comes_back(name, tmp_path):
    capacity = ANNOTATIONS[name].capacity
    given_, back, _ = written(name, scene(), tmp_path)
    order = {sample.stem: sample for sample in back}
    assert_same(given_, [order[sample.stem] for sample in given_], capacity)
    if capacity.track:
        for before, after in zip(given_, back, strict=True):
            pairs = track_pairs(before, after)
            assert len(set(pairs.values())) == len(pairs)
    walk = [sample for sample in back if sample.stem.startswith("walk")]
    if capacity.track:
        known = {}
        for before, after in zip(given_, walk, strict=False):
            for track, other in track_pairs(before, after).items():
                assert known.setdefault(track, other) == other


def track_pairs(before, after):
    """Return track before -> track after, matched by equal masks."""
    ours = {(c.box, c.mask.tobytes()): t for c, t in tracked(before)}
    return {
        ours[key]: track
        for crop, track in tracked(after)
        if (key := (crop.box, crop.mask.tobytes())) in ours
    }


def tracked(sample):
    objects = objects_of(sample.result)
    return zip(objects.crops, objects.segments.track_id.tolist(), strict=True)


@st.composite
def pictures(draw):
    size = draw(st.tuples(st.integers(1, 14), st.integers(1, 14)))
    masks = draw(st.lists(hnp.arrays(np.bool_, size), min_size=1, max_size=4))
    kinds = [draw(st.sampled_from([3, 7, 9, 12])) for _ in masks]
    return sample_of("clip/000001.jpg", np.array(masks), kinds)


@pytest.mark.parametrize("name", ANNOTATIONS)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sample=pictures())
def test_format_when_any_masks_written_then_come_back(name, sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp(name)
    row = ANNOTATIONS[name]
    fit = Fit(LEGEND, row.capacity)
    made, _ = fit(sample)
    row.write(place_for(name, folder), Dataset(legend=fit.legend, samples=[made]))
    back = list(row.read(place_for(name, folder), Reading()))
    assert_same([made], back, row.capacity)


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_format_when_500_objects_then_all_that_it_counts_come_back(name, tmp_path):
    labels = np.arange(1, 501, dtype=np.int32).reshape(20, 25).repeat(3, 0).repeat(4, 1)
    labels[::7, ::5] = 0
    kinds = np.resize([3, 7, 3], 500)
    result = Panoptic(labels, Segments.of(kinds), LEGEND)
    sample = Sample(name="many/000001.jpg", result=result)
    given_, back, lost = written(name, [sample], tmp_path)
    assert_same(given_, back, ANNOTATIONS[name].capacity)
    gone = sum("left out" in one.detail for one in lost)
    if ANNOTATIONS[name].capacity.identity is not Identity.NONE:
        assert len(given_[0].objects) == 500 - gone


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_format_when_30000_wide_then_comes_back(name, tmp_path):
    masks = np.zeros((2, 12, 30_000), bool)
    masks[0, 2:5, 17:29_999] = True
    masks[1, 6:9, 20_000:] = True
    masks[1, 7, 25_000] = False
    given_, back, _ = written(name, [sample_of("wide/000001.jpg", masks, [3, 9])], tmp_path)
    assert_same(given_, back, ANNOTATIONS[name].capacity)


def whole():
    """Whether this is ``make fuzz``: then all sixty pictures are converted."""
    return hypothesis.settings.get_current_profile_name() == "fuzz"


@pytest.fixture(scope="module")
def real(data_dir):
    source = open_dataset(data_dir / "coco_val", "coco-panoptic")
    return Dataset(
        legend=source.legend,
        samples=list(source)[:: 1 if whole() else 6],
    )


@pytest.mark.fuzz
@pytest.mark.data
@pytest.mark.parametrize("name", ANNOTATIONS)
def test_format_when_real_pictures_then_identical_masks(name, tmp_path, real):
    source, chosen = real, list(real)[:: 1 if whole() else 3]
    chosen = [replace(sample, name=f"val/{n + 1:06d}.jpg") for n, sample in enumerate(chosen)]
    if name == "coco-video":  # a video has one size
        chosen = [replace(sample, name=f"v{n}/000001.jpg") for n, sample in enumerate(chosen)]
    if name == "mot":
        chosen = chosen[:1]  # the frames of a clip have one size
    given_, back, _ = written(name, chosen, tmp_path, source.legend)
    assert_same(given_, back, ANNOTATIONS[name].capacity)


@pytest.mark.data
def test_convert_when_chained_on_real_pictures_then_every_loss_is_named(tmp_path, real):
    source, kept = real, []
    for step, name in enumerate(("cityscapes", "voc", "coco", "yolo", "labelme", "coco")):
        target = tmp_path / f"{step}-{name}"
        lost = []
        report = convert(source, target, name, lost.append)
        assert report.pictures == len(real.samples)
        assert sum(report.by_kind.values()) == len(lost)
        kept.append(report.written)
        source = open_dataset(target)
    assert len(set(kept)) == 1  # what Cityscapes has no class for is left out in the first step
    first = list(open_dataset(tmp_path / "0-cityscapes"))
    last = {sample.stem: sample for sample in source}
    for sample in first:
        ours = sorted((crop.box, crop.mask.tobytes()) for crop in objects_of(sample.result).crops)
        theirs = sorted((crop.box, crop.mask.tobytes()) for crop in last[sample.stem].objects.crops)
        assert ours == theirs


def test_instances_when_made_of_nothing_then_comes_back_empty(tmp_path):
    empty = Sample(name="e/000001.jpg", result=Instances(Segments.empty(), (), (5, 6), LEGEND))
    for name in ("coco", "labelme", "voc", "png", "npz", "yolo", "cvat", "geojson"):
        given_, back, _ = written(name, [empty], tmp_path)
        assert_same(given_, back, ANNOTATIONS[name].capacity)


def test_davis_when_a_clip_has_more_objects_than_numbers_then_those_without_track_share(tmp_path):
    masks = np.zeros((100, 10, 30), bool)
    for place, mask in enumerate(masks):
        mask[place // 10, 3 * (place % 10)] = True
    tracks = [5, *[-1] * 99]
    frames = [sample_of(f"long/{n:06d}.jpg", masks, [3] * 100, tracks=tracks) for n in range(1, 5)]
    given_, back, _ = written("davis", frames, tmp_path)
    assert_same(given_, back, ANNOTATIONS["davis"].capacity)
    known = [track_pairs(before, after)[5] for before, after in zip(given_, back, strict=True)]
    assert len(set(known)) == 1
    many = [
        sample_of(f"x/{n}.jpg", masks, [3] * 100, tracks=range(100 * n, 100 * n + 100))
        for n in range(3)
    ]
    with pytest.raises(OutputError, match="counts to 254"):
        written("davis", many, tmp_path / "more")


@pytest.mark.parametrize("name", ["coco-video", "mot", "nifti"])
def test_video_when_its_frames_differ_in_size_then_nothing_is_written(name, tmp_path):
    frames = [
        replace(sample_of(f"v/{n}.jpg", np.ones((1, 4 + n, 5), bool), [3]), clip="v", frame=n)
        for n in range(2)
    ]
    with pytest.raises(OutputError, match="one size, these have 4 x 5, 5 x 5"):
        written(name, frames, tmp_path)
