import pytest

from pixelwise.batch.disk import Disk
from pixelwise.batch.verify import Finding, Problem, Verified, findings
from pixelwise.errors import InputError

from .conftest import run


@pytest.fixture
def folder(pictures, tmp_path):
    code, _, err = run(str(pictures / "p*.png"), tmp_path / "out", "--method", "otsu")
    assert code == 0, err
    return tmp_path / "out"


def test_findings_when_nothing_happened_then_none(folder):
    seen = Verified()
    assert list(findings(Disk(str(folder)), seen)) == []
    assert seen.files == len(list(folder.glob("*.labels.png"))) > 3


def test_findings_when_files_rot_vanish_and_appear_then_all_are_named(folder):
    rotten, gone, *_ = sorted(folder.glob("*.labels.png"))
    data = bytearray(rotten.read_bytes())
    data[len(data) // 2] ^= 1
    rotten.write_bytes(data)
    gone.unlink()
    (folder / "stranger.txt").write_text("?")
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b"torn")

    assert sorted(findings(Disk(str(folder)), Verified()), key=lambda finding: finding.problem) == [
        Finding(rotten.name, Problem.CHANGED),
        Finding("journal.jsonl", Problem.DAMAGED),
        Finding("stranger.txt", Problem.FOREIGN),
        Finding(gone.name, Problem.MISSING),
    ]


def test_findings_when_no_batch_then_error(tmp_path):
    with pytest.raises(InputError, match="no output folder"):
        list(findings(Disk(str(tmp_path)), Verified()))
