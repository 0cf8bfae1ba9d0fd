"""CVAT's export of a video: tracks, frame by frame."""

import numpy as np
import pytest

from pixelwise.errors import InputError
from pixelwise.io.annotations.converting import faults_of, open_dataset

TRACKS = """<?xml version="1.0"?>
<annotations><version>1.1</version><meta><task><name>walk</name><labels>
<label><name>cat</name></label><label><name>dog</name></label></labels>
<original_size><width>12</width><height>9</height></original_size></task></meta>
<track id="0" label="dog">
<polygon frame="2" outside="0" keyframe="1" points="1,1;5,1;5,4;1,4"/>
<polygon frame="3" outside="1" keyframe="1" points="1,1;5,1;5,4;1,4"/></track>
<track id="1" label="cat">
<box frame="2" outside="0" xtl="6" ytl="0" xbr="9" ybr="2"/>
<box frame="5" outside="0" xtl="7" ytl="0" xbr="9" ybr="2"/></track>
</annotations>"""


def test_tracks_when_read_then_frames_have_their_objects_with_ids(tmp_path):
    path = tmp_path / "annotations.xml"
    path.write_text(TRACKS)
    assert list(faults_of(path)) == []
    frames = list(open_dataset(path))
    assert [frame.frame for frame in frames] == [2, 3, 4, 5]
    assert {frame.clip for frame in frames} == {"walk"}
    assert [frame.objects.segments.track_id.tolist() for frame in frames] == [[0, 1], [], [], [1]]
    first = frames[0].objects
    assert first.size == (9, 12)
    assert [first.legend.name(kind) for kind in first.segments.class_id.tolist()] == ["dog", "cat"]
    expected = np.zeros((9, 12), bool)
    expected[1:4, 1:5] = True
    assert np.array_equal(first.masks[0], expected)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<height>9</height>", "", "original_size"),
        ('frame="5"', 'frame="99999999"', "no video"),
        (
            'points="1,1;5,1;5,4;1,4"/>\n<polygon frame="3"',
            'points="1"/>\n<polygon frame="3"',
            "x,y",
        ),
    ],
)
def test_tracks_when_damaged_then_told_and_refused(old, new, words, tmp_path):
    path = tmp_path / "annotations.xml"
    assert old in TRACKS
    path.write_text(TRACKS.replace(old, new))
    (fault,) = faults_of(path, "cvat")
    assert words in fault.message
    with pytest.raises(InputError, match=words):
        list(open_dataset(path, "cvat"))
