"""Things and stuff of two networks, fused into one official set."""

import numpy as np
import pytest

import pixelwise as pw
from pixelwise.convert import Fusion, fuse
from pixelwise.core import Image, Instances, Legend, Semantic
from pixelwise.errors import InvalidSetting, LicenceError
from pixelwise.methods.deep.pair import ANSWERS, RULES, Pair, common_legend

ADE, COCO = Legend.official("ade20k-32"), Legend.official("coco-80")
SIZE = (120, 160)
FREE = Fusion(min_score=0.0, min_stuff_area=0)


def semantic(*names):
    """Return columns of equal width, one a class."""
    labels = np.zeros(SIZE, np.int32)
    for number, name in enumerate(names):
        labels[:, number * SIZE[1] // len(names) :] = ADE.id_of(name)
    return Semantic(labels, ADE)


def things(*rows):
    """Return things of (class, score, (x0, y0, x1, y1))."""
    masks = np.zeros((len(rows), *SIZE), bool)
    for mask, (_, _, (x0, y0, x1, y1)) in zip(masks, rows, strict=True):
        mask[y0:y1, x0:x1] = True
    classes = np.array([COCO.id_of(row[0]) for row in rows], np.int32)
    return Instances.of(masks, classes, COCO, score=np.array([row[1] for row in rows], np.float32))


def names_of(found):
    return [found.legend.name(int(row)) for row in found.segments.class_id]


def test_pair_when_ade_and_coco_then_names_of_coco_panoptic():
    pair = Pair(
        lambda _: semantic("wall", "floor"), lambda _: things(("cat", 0.9, (10, 10, 40, 40)))
    )
    found = pair(Image(np.zeros((*SIZE, 3), np.uint8)))

    assert found.legend.title == "coco-panoptic-133"
    assert names_of(found) == ["cat", "wall-other-merged", "floor-other-merged"]
    assert found.provenance.method == "fuse"


@pytest.mark.parametrize("times", [1, 4])
def test_pair_when_the_picture_is_large_or_small_then_the_same_stuff_stays(times):
    labels = np.full((60 * times, 80 * times), ADE.id_of("wall"), np.int32)
    labels[: 12 * times, : 20 * times] = ADE.id_of("floor")  # a twentieth: stays
    labels[-6 * times :, : 12 * times] = ADE.id_of("sky")  # a sixtieth: goes
    nothing = Instances.of(np.zeros((0, *labels.shape), bool), np.zeros(0, np.int32), COCO)
    found = Pair(lambda _: Semantic(labels, ADE), lambda _: nothing)(
        Image(np.zeros((*labels.shape, 3), np.uint8))
    )

    assert names_of(found) == ["wall-other-merged", "floor-other-merged"]
    assert "below min_stuff_area: sky" in found.provenance.notes[-1]


def test_common_legend_when_no_table_then_none():
    assert common_legend(Legend.of(["a"]), COCO) == (None, {})


def test_names_when_read_then_every_name_is_of_its_set():
    legend, names = common_legend(ADE, COCO)
    for name, meant in names.items():
        assert ADE.id_of(name) >= 0
        assert all(legend.id_of(other) for other in meant)
    assert set(ANSWERS.values()) <= set(Legend.official_names())


def test_fuse_when_small_thing_lies_inside_large_then_it_is_on_top():
    rows = things(("person", 0.9, (0, 0, 100, 100)), ("tie", 0.5, (40, 40, 50, 60)))
    kept = fuse(semantic("wall"), rows, Fusion(min_stuff_area=0, on_top=0.5))
    plain = fuse(semantic("wall"), rows, Fusion(min_stuff_area=0))

    assert names_of(kept)[:2] == ["person", "tie"]
    assert kept.segments.area[1] == 10 * 20
    assert "tie" not in names_of(plain)
    assert any("overlap" in note for note in plain.provenance.notes)


def test_fuse_when_same_class_inside_then_not_on_top():
    rows = things(("person", 0.9, (0, 0, 100, 100)), ("person", 0.5, (40, 40, 50, 60)))
    found = fuse(semantic("wall"), rows, Fusion(min_stuff_area=0, on_top=0.5))

    assert names_of(found).count("person") == 1


def test_fuse_when_classes_agree_then_less_sure_things_stay():
    rows = things(("person", 0.1, (0, 0, 80, 120)), ("cat", 0.1, (0, 0, 80, 120)))
    rules = Fusion(min_stuff_area=0, agreed_score=0.05, agreement=0.4)
    legend, names = common_legend(ADE, COCO)
    found = fuse(semantic("person", "wall"), rows, rules, legend=legend, names=names)

    assert names_of(found) == ["person", "wall-other-merged"]


def test_fuse_when_classes_mean_the_same_stuff_then_one_segment():
    legend, names = common_legend(ADE, COCO)
    found = fuse(semantic("grass", "field"), things(), FREE, legend=legend, names=names)

    assert names_of(found) == ["grass-merged"]
    assert found.segments.area.tolist() == [SIZE[0] * SIZE[1]]


def test_fuse_when_small_stuff_means_what_a_large_one_does_then_it_joins_that():
    labels = semantic("grass").labels.copy()
    labels[:10, :10] = ADE.id_of("field")
    labels[-10:, :10] = ADE.id_of("sky")
    legend, names = common_legend(ADE, COCO)
    rules = Fusion(min_stuff_area=500)
    found = fuse(Semantic(labels, ADE), things(), rules, legend=legend, names=names)

    assert names_of(found) == ["grass-merged"]
    assert found.segments.area.tolist() == [labels.size - 100]


def test_fuse_when_stuff_has_specks_then_they_become_void():
    stuff = np.array(semantic("wall").labels)
    stuff[5:8, 5:8] = ADE.id_of("sky")
    stuff[50:, :] = ADE.id_of("sky")
    found = fuse(Semantic(stuff, ADE), things(), Fusion(min_stuff_area=0, min_stuff_part=100))

    assert (found.labels[5:8, 5:8] == 0).all()
    assert any("min_stuff_part" in note for note in found.provenance.notes)


def test_fusion_when_out_of_range_then_error():
    with pytest.raises(InvalidSetting):
        Fusion(min_score=2)
    assert RULES.on_top > 0


@pytest.mark.models
def test_best_when_panoptic_then_a_pair_that_commercial_use_refuses(
    model_dir, data_dir, monkeypatch
):
    from pixelwise.catalog.choosing import best_with
    from pixelwise.catalog.loading import Access
    from pixelwise.core import Task

    monkeypatch.setenv("PIXELWISE_MODEL_PATH", str(model_dir))
    found = pw.best("panoptic")(pw.read(data_dir / "coco_val" / "images" / "000000000139.jpg"))

    assert {"tv", "wall-other-merged"} <= set(names_of(found))
    with pytest.raises(LicenceError):
        best_with(Task.PANOPTIC, Access(commercial=True, offline=True))
