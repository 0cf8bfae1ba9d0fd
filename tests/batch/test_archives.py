"""Pictures in ZIP and tar archives: the same results as of the folder that was packed."""

import shutil
import tarfile
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from pixelwise.batch.archives import packed
from pixelwise.batch.inputs import items_of, root_of
from pixelwise.batch.items import GONE
from pixelwise.batch.journal import read_stamp, recorded
from pixelwise.errors import InputError, LimitError
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits

from .conftest import run, tree


def pack(folder, path):
    if path.suffix == ".zip":
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*.*")):
                archive.write(file, file.relative_to(folder))
    else:
        with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
            archive.add(folder, ".")
    return path


def outputs(folder):
    return {name: value for name, value in tree(folder).items() if not name.startswith("journal")}


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_batch_when_archive_then_as_the_folder_that_was_packed(pictures, finished, tmp_path, name):
    archive = pack(pictures, tmp_path / name)

    code, _, err = run(archive, tmp_path / "out", "--method", "otsu")

    assert code == 0, err
    wanted = {name: value for name, value in finished.items() if not name.startswith("journal")}
    assert outputs(tmp_path / "out") == wanted
    root = root_of(str(tmp_path / "out"))
    done = recorded(tmp_path / "out", read_stamp(tmp_path / "out/journal.jsonl"))
    assert all(item.key in done for item in items_of(str(archive), root))


@pytest.mark.parametrize("name", ["../a.png", "/etc/a.png", "a/../../b.png"])
@pytest.mark.parametrize("ending", ["zip", "tar"])
def test_items_when_a_name_leaves_the_folder_then_refused(tmp_path, pictures, name, ending):
    path = tmp_path / f"a.{ending}"
    picture = next(pictures.glob("*.png"))
    if ending == "zip":
        with ZipFile(path, "w") as archive:
            archive.write(picture, name)
            archive.infolist()[0].filename = name
    else:
        with tarfile.open(path, "w") as archive:
            row = tarfile.TarInfo(name)
            row.size = picture.stat().st_size
            with picture.open("rb") as file:
                archive.addfile(row, file)
    with pytest.raises(InputError, match="within its folder"):
        list(packed(path))


def test_items_when_a_name_stands_twice_then_refused(tmp_path, pictures):
    picture = next(pictures.glob("*.png"))
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(picture, "a.png")
        archive.add(picture, "a.png")
    with pytest.raises(InputError, match="twice"):
        list(packed(tmp_path / "a.tar"))


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tgz"])
def test_items_when_the_archive_is_cut_then_input_error(tmp_path, pictures, name):
    path = pack(pictures, tmp_path / name)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError):
        [item.origin.read(Reading()) for item in packed(path)]


def test_read_when_a_file_inflates_beyond_the_limit_then_limit_error(tmp_path):
    with ZipFile(tmp_path / "bomb.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(1 << 20))
    (item,) = packed(tmp_path / "bomb.zip")
    with pytest.raises(LimitError, match="inflates"):
        item.origin.read(Reading(limits=Limits(file_bytes=1 << 16)))


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_state_when_the_archive_changes_or_goes_then_said(tmp_path, pictures, name):
    path = pack(pictures, tmp_path / name)
    item = next(packed(path))
    assert item.origin.state() == (item.size, item.version)
    assert str(item.origin).endswith(item.name)
    shutil.copy(pictures / "notes.txt", path)
    assert item.origin.state() != (item.size, item.version)
    path.unlink()
    assert item.origin.state() == GONE
