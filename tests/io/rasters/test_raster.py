"""Rasters 79 to 88 of the bad inputs, and what must be kept exactly."""

import struct

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp

from pixelwise.core import Image, Semantic, Space, Unit
from pixelwise.errors import InputError, LimitError, OutputError
from pixelwise.io.files import read, write
from pixelwise.io.rasters.raster import Raster
from pixelwise.ops.windows import Window

pytestmark = pytest.mark.filterwarnings(
    "ignore::rasterio.errors.NotGeoreferencedWarning"  # rasterio's, where the test itself opens
)

UTM = rasterio.crs.CRS.from_epsg(32633)
TURNED = rasterio.Affine(8.0, 6.0, 500000.0, 6.0, -8.0, 4100000.0)
NORTH = rasterio.Affine(10.0, 0.0, 500000.0, 0.0, -10.0, 4100000.0)


@pytest.fixture
def made(tmp_path):
    def make(pixels, name="a.tif", **profile):
        pixels = np.asarray(pixels)
        path = tmp_path / name
        settings = {"crs": UTM, "transform": NORTH, **profile}
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            height=pixels.shape[1],
            width=pixels.shape[2],
            count=len(pixels),
            dtype=pixels.dtype,
            **settings,
        ) as target:
            target.write(pixels)
        return path

    return make


def whole(raster):
    return Window(0, 0, *raster.size)


BAND = "<VRTDataset rasterXSize='2' rasterYSize='2'><VRTRasterBand dataType='Byte' band='1'"
AWAY = f"""{BAND}><SimpleSource><SourceFilename>/vsicurl/http://127.0.0.1:9/a.tif
</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"""
CODE = f"""{BAND} subClass='VRTDerivedRasterBand'><PixelFunctionType>f</PixelFunctionType>
<PixelFunctionLanguage>Python</PixelFunctionLanguage></VRTRasterBand></VRTDataset>"""


@pytest.mark.parametrize("text", [AWAY, CODE], ids=["away", "code"])
@pytest.mark.parametrize("name", ["a.vrt", "a.tif"])
def test_raster_when_virtual_then_refused(tmp_path, text, name):  # 79
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match="GTiff"):
        Raster([path])


def test_raster_when_one_long_strip_then_said_and_read_by_rows(made):  # 80
    pixels = np.random.default_rng(0).integers(0, 255, (1, 5000, 20)).astype(np.uint8)
    path = made(pixels, blockysize=5000, compress="deflate")
    with Raster([path]) as raster:
        assert "one long strip" in raster.notes[0]
        part, valid = raster.read(Window(4000, 3, 10, 5), [1])
    assert (part[..., 0] == pixels[0, 4000:4010, 3:8]).all()
    assert valid.all()


@pytest.mark.parametrize(
    ("crs", "transform"), [(UTM, TURNED), (None, NORTH), (UTM, NORTH), (None, None)]
)
def test_raster_when_its_place_is_odd_then_the_mask_keeps_it(made, tmp_path, crs, transform):  # 81
    grid = {"crs": crs, **({} if transform is None else {"transform": transform})}
    if transform is None:
        grid["transform"] = rasterio.Affine.identity()
    path = made(np.ones((1, 9, 8), np.uint8), **grid)
    image = read(path)

    write(tmp_path / "out.tif", Semantic(np.zeros((9, 8), np.int32), _legend(), space=image.space))

    with rasterio.open(path) as one, rasterio.open(tmp_path / "out.tif") as other:
        assert one.crs == other.crs
        assert one.transform == other.transform


@pytest.mark.parametrize(
    ("pixels", "nodata", "expected"),
    [
        (np.array([[[np.nan, 1.0]]], np.float32), np.nan, [False, True]),
        (np.array([[[np.nan, 1.0]]], np.float32), None, [False, True]),
        (np.array([[[0, 7]]], np.uint8), 7, [True, False]),
        (np.array([[[0, 7]], [[7, 7]]], np.int16), 7, [True, False]),
    ],
)
def test_raster_when_there_is_nodata_then_it_is_no_data(made, pixels, nodata, expected):  # 82
    with Raster([made(pixels, nodata=nodata)]) as raster:
        _, valid = raster.read(whole(raster), range(1, raster.count + 1))
    assert valid[0].tolist() == expected


def test_raster_when_nodata_cannot_occur_then_all_is_data(made):  # 82
    path = made(np.zeros((1, 2, 2), np.int16), nodata=-9999)
    path.write_bytes(path.read_bytes().replace(b"-9999", b"99999"))
    with Raster([path]) as raster:
        _, valid = raster.read(whole(raster), [1])
    assert valid.all()


def test_raster_when_mask_and_alpha_disagree_then_the_mask_wins_and_it_is_said(made):  # 83
    pixels = np.zeros((4, 3, 3), np.uint8)
    pixels[3] = 255
    path = made(pixels, photometric="RGB")
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as target:
        target.colorinterp = [
            ColorInterp.red,
            ColorInterp.green,
            ColorInterp.blue,
            ColorInterp.alpha,
        ]
        mask = np.full((3, 3), 255, np.uint8)
        mask[0] = 0
        target.write_mask(mask)
    with Raster([path]) as raster:
        assert raster.count == 3
        _, valid = raster.read(whole(raster), [1, 2, 3])
        assert any("disagree" in note for note in raster.notes)
    assert (valid == (mask > 0)).all()


def test_raster_when_an_overview_is_corrupt_then_full_resolution_is_read(made):  # 84
    pixels = np.random.default_rng(0).integers(0, 255, (1, 600, 600)).astype(np.uint8)
    path = made(pixels, tiled=True, blockxsize=256, blockysize=256, compress="deflate")
    size = path.stat().st_size
    with rasterio.open(path, "r+") as target:
        target.build_overviews([2], rasterio.enums.Resampling.nearest)
    data = bytearray(path.read_bytes())
    data[size + 400 :] = bytes(len(data) - size - 400)
    path.write_bytes(bytes(data))
    with Raster([path]) as raster:
        found, valid = raster.read(whole(raster), [1])
    assert (found[..., 0] == pixels[0]).all()
    assert valid.all()


def test_raster_when_a_block_is_corrupt_then_only_it_is_no_data_and_listed(made):  # 85
    pixels = np.random.default_rng(0).integers(0, 255, (1, 64, 64)).astype(np.uint8)
    path = made(pixels, tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    _break_block(path, 5)
    with Raster([path]) as raster:
        found, valid = raster.read(whole(raster), [1])
        assert raster.damage == [Window(16, 16, 16, 16)]
    expected = np.ones((64, 64), bool)
    expected[16:32, 16:32] = False
    assert (valid == expected).all()
    assert (found[..., 0] == pixels[0])[expected].all()


def test_labels_when_larger_than_a_classic_tiff_then_big_tiff(tmp_path):  # 86
    from pixelwise.io.rasters.labels import write_labels

    path = tmp_path / "big.tif"
    write_labels(path, [], ((70_000, 70_000), Space()), _legend(), overviews=False)

    assert struct.unpack("<2sH", path.read_bytes()[:4]) == (b"II", 43)
    assert path.stat().st_size < 10_000_000


def test_raster_when_it_has_65535_bands_then_a_limit_unless_bands_are_chosen(tmp_path):  # 87
    path = tmp_path / "many.tif"
    profile = {"driver": "GTiff", "height": 64, "width": 64, "count": 65535, "dtype": "uint8"}
    with rasterio.open(path, "w", sparse_ok=True, interleave="band", **profile):
        pass
    with Raster([path]) as raster:
        with pytest.raises(LimitError, match="--bands"):
            raster.read(whole(raster), range(1, 65536))
        assert raster.read(whole(raster), [1, 9])[0].shape == (64, 64, 2)


def test_raster_when_the_output_cannot_be_written_then_nothing_is_left(tmp_path):  # 88
    image = Image(np.zeros((4, 4), np.uint8), _space())
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write(tmp_path / "file" / "out.tif", image)
    (tmp_path / "out.tif").mkdir()
    with pytest.raises(OutputError):
        write(tmp_path / "out.tif", image)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out.tif"]


def test_raster_when_files_lie_on_other_grids_then_refused(made):
    one = made(np.zeros((1, 4, 4), np.uint8), "a.tif")
    other = made(np.zeros((1, 4, 5), np.uint8), "b.tif")
    with pytest.raises(InputError, match="another grid"):
        Raster([one, other])


def test_geotiff_when_written_and_read_then_the_same(data_dir, tmp_path):
    path = data_dir / "geotiff" / "rasterio" / "RGB.byte.tif"
    image = read(path)

    write(tmp_path / "out.tif", image)

    again = read(tmp_path / "out.tif")
    assert (again.pixels == image.pixels).all()
    assert again.space == image.space
    assert image.space.unit is Unit.METRE
    with rasterio.open(path) as one, rasterio.open(tmp_path / "out.tif") as other:
        assert one.crs == other.crs
        assert one.transform == other.transform


def test_geotiff_when_labels_are_written_then_colours_and_names_come_back(tmp_path):
    from pixelwise.io.rasters.labels import legend_in

    labels = np.arange(9, dtype=np.int32).reshape(3, 3) % 3
    write(tmp_path / "out.tif", Semantic(labels, _legend(), space=_space()))

    found = legend_in(tmp_path / "out.tif")
    assert found == _legend()
    with rasterio.open(tmp_path / "out.tif") as source:
        assert source.nodata == 255
        assert (source.read(1) == labels).all()


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_raster_when_the_file_is_cut_then_what_is_gone_is_no_data_and_listed(made, cut):
    pixels = np.random.default_rng(0).integers(0, 255, (1, 64, 64)).astype(np.uint8)
    path = made(pixels, tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    with Raster([path]) as raster:
        _, valid = raster.read(whole(raster), [1])
        assert not valid.all()
        assert raster.damage


def _legend():
    from pixelwise.core import Legend

    return Legend.of(["water", "land", "town"])


def _space():
    return Space(
        (10, 10), Unit.METRE, ((10, 0, 500000), (0, -10, 4100000), (0, 0, 1)), UTM.to_wkt()
    )


def _break_block(path, number):
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        offset, count = page.dataoffsets[number], page.databytecounts[number]
    data = bytearray(path.read_bytes())
    data[offset : offset + count] = b"\x55" * count
    path.write_bytes(bytes(data))
