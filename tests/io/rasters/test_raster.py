"""Rasters 79 to 88 of the bad inputs, and what must be kept exactly."""

import ctypes
import socket
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile
from rasterio.control import GroundControlPoint
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


def virtual(source, band=""):
    return f"""<VRTDataset rasterXSize='2' rasterYSize='2'><VRTRasterBand dataType='Byte' band='1'
{band}><SimpleSource><SourceFilename>{source}</SourceFilename></SimpleSource></VRTRasterBand>
</VRTDataset>"""


CODE = """subClass='VRTDerivedRasterBand'><PixelFunctionType>f</PixelFunctionType>
<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode>open('{0}', 'w')
</PixelFunctionCode"""


@pytest.mark.parametrize("kind", ["away", "code", "itself", "harmless"])
@pytest.mark.parametrize("name", ["a.vrt", "b.tif"])
def test_raster_when_virtual_then_refused_and_nothing_is_fetched_or_run(  # 79
    made, tmp_path, kind, name, monkeypatch
):
    monkeypatch.setenv("GDAL_VRT_ENABLE_PYTHON", "YES")
    real = made(np.ones((1, 2, 2), np.uint8), "real.tif")
    path, ran = tmp_path / name, tmp_path / "ran"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"/vsicurl/http://127.0.0.1:{server.getsockname()[1]}/a.tif"
        text = {
            "away": virtual(address),
            "code": virtual(real, CODE.format(ran)),
            "itself": virtual(path),
            "harmless": virtual(real),
        }[kind]
        path.write_text(text)
        with pytest.raises(InputError, match="GTiff, COG, PNG, JPEG, JP2"):
            Raster([path])
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not ran.exists()


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


@pytest.mark.parametrize("kind", ["image", "labels"])
def test_raster_when_it_hangs_on_ground_points_then_they_are_kept(tmp_path, kind):  # 81
    corners = ((0, 0), (0, 8), (9, 0), (9, 8))
    points = [GroundControlPoint(y, x, 10 + x / 100, 50 - y / 100, 3) for y, x in corners]
    terms = " ".join(["1", *["0"] * 19])
    rpcs = {f"{axis}_{end}": "1" for axis in ("LINE", "SAMP") for end in ("OFF", "SCALE")}
    rpcs |= {f"{a}_{end}": "2" for a in ("LAT", "LONG", "HEIGHT") for end in ("OFF", "SCALE")}
    rpcs |= {f"{a}_{of}_COEFF": terms for a in ("LINE", "SAMP") for of in ("NUM", "DEN")}
    profile = {"driver": "GTiff", "height": 9, "width": 8, "count": 1, "dtype": "uint8"}
    with rasterio.open(tmp_path / "in.tif", "w", **profile) as target:
        target.write(np.ones((1, 9, 8), np.uint8))
        target.gcps = (points, rasterio.crs.CRS.from_epsg(4326))
        target.update_tags(ns="RPC", **rpcs)
    image = read(tmp_path / "in.tif")
    labels = Semantic(np.zeros((9, 8), np.int32), _legend(), space=image.space)

    write(tmp_path / "out.tif", image if kind == "image" else labels)

    with rasterio.open(tmp_path / "in.tif") as one, rasterio.open(tmp_path / "out.tif") as two:
        found = [(p.row, p.col, p.x, p.y, p.z) for p in two.gcps[0]]
        assert found == [(p.row, p.col, p.x, p.y, p.z) for p in one.gcps[0]]
        assert len(found) == 4
        assert two.gcps[1] == one.gcps[1]
        assert two.rpcs.to_dict() == one.rpcs.to_dict()
    assert read(tmp_path / "out.tif").space == image.space


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
    path = made(np.full((1, 2, 2), -9999, np.int16), nodata=-9999)
    path.write_bytes(path.read_bytes().replace(b"-9999", b"99999"))
    with Raster([path]) as raster:
        pixels, valid = raster.read(whole(raster), [1])
    assert (pixels == -9999).all()
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


@pytest.mark.parametrize("kind", ["blocks", "directory", "link", "none"])
def test_raster_when_overviews_are_corrupt_then_said_and_full_resolution_is_read(made, kind):  # 84
    pixels = np.random.default_rng(0).integers(0, 255, (1, 600, 600)).astype(np.uint8)
    path = made(pixels, tiled=True, blockxsize=256, blockysize=256, compress="deflate")
    with rasterio.open(path, "r+") as target:
        target.build_overviews([2, 4], rasterio.enums.Resampling.nearest)
    with tifffile.TiffFile(path) as file:
        pages = [(page.offset, page.dataoffsets, page.databytecounts) for page in file.pages]
    data = bytearray(path.read_bytes())
    if kind == "directory":
        data[pages[1][0] : pages[1][0] + 2] = b"\xff\xff"
    if kind == "link":
        at = pages[0][0] + 2 + 12 * int.from_bytes(data[pages[0][0] : pages[0][0] + 2], "little")
        data[at : at + 4] = (len(data) + 99).to_bytes(4, "little")
    if kind == "blocks":
        for offset, count in zip(*pages[2][1:], strict=True):
            data[offset : offset + count] = b"\x55" * count
    path.write_bytes(bytes(data))

    with Raster([path]) as raster:
        found, valid = raster.read(whole(raster), [1])
        notes = " ".join(raster.notes)
    assert (found[..., 0] == pixels[0]).all()
    assert valid.all()
    assert not raster.damage
    assert ("overviews are damaged" in notes) == (kind != "none")


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
    from pixelwise.io.rasters.grids import Grid
    from pixelwise.io.rasters.labels import write_labels

    path = tmp_path / "big.tif"
    write_labels(path, [], Grid((70_000, 70_000), Space()), _legend(), overviews=False)

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


def test_raster_when_the_name_cannot_be_written_then_nothing_is_left(tmp_path):  # 88
    image = Image(np.zeros((4, 4), np.uint8), _space())
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write(tmp_path / "file" / "out.tif", image)
    (tmp_path / "out.tif").mkdir()
    with pytest.raises(OutputError):
        write(tmp_path / "out.tif", image)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "out.tif"]


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np, pyogrio, shapely
from pixelwise.core import Image, Legend, Semantic
from pixelwise.errors import OutputError
from pixelwise.io.files import write
from pixelwise.io.rasters.vectors import Features, write_polygons

folder, kind = Path(sys.argv[1]), sys.argv[2]
values = np.random.default_rng(0).integers(0, 3, (400, 400))
circles = np.array([shapely.Point(n, n).buffer(1) for n in range(900)], object)
writers = {
    ".tif": lambda path: write(path, Semantic(values.astype(np.int32), Legend.of("abc"))),
    ".image.tif": lambda path: write(path, Image(values.astype(np.uint16))),
    ".gpkg": lambda path: write_polygons(path, [Features(circles, {})], Image(values).space),
    ".fgb": lambda path: write_polygons(path, [Features(circles, {})], Image(values).space),
}
whole = folder / f"whole{kind}"
writers[kind](whole)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for share in (0.1, 0.7, 0.9, 0.98):
    limit = int(whole.stat().st_size * share)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    path = folder / f"out{kind}"
    path.write_bytes(b"before")
    try:
        writers[kind](path)
    except OutputError as error:
        assert path.read_bytes() == b"before", share
        assert {file.name for file in folder.iterdir()} <= {
            whole.name, path.name, whole.name + ".aux.xml"
        }, share
    else:  # a GeoPackage without its index is shorter, and whole
        assert kind == ".gpkg" and share > 0.9, share
        assert pyogrio.read_info(path)["features"] == len(circles)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of POSIX")
@pytest.mark.parametrize("kind", [".tif", ".image.tif", ".gpkg", ".fgb"])
def test_raster_when_the_disk_is_full_then_said_and_the_old_file_stays(tmp_path, kind):  # 88
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), kind],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["complex64", "complex_int16"])
def test_raster_when_its_numbers_are_complex_then_refused(tmp_path, kind):
    profile = {"driver": "GTiff", "height": 4, "width": 4, "count": 1, "dtype": kind}
    with rasterio.open(tmp_path / "a.tif", "w", **profile):
        pass
    with pytest.raises(InputError, match="amplitude"):
        Raster([tmp_path / "a.tif"])


@pytest.mark.parametrize(
    "kind", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float32", "float64"]
)
def test_raster_when_of_any_kind_then_its_numbers_as_they_are(made, kind):
    pixels = np.arange(7 * 4 * 5).reshape(7, 4, 5).astype(kind)
    with Raster([made(pixels)]) as raster:
        found, valid = raster.read(whole(raster), range(1, 8))
    assert found.dtype == kind
    assert (np.moveaxis(found, -1, 0) == pixels).all()
    assert valid.all()


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


def test_labels_when_classes_have_names_then_gdal_finds_them(tmp_path):
    libraries = list(Path(rasterio.__file__).parent.parent.glob("rasterio.libs/libgdal*"))
    if not libraries:
        pytest.skip("rasterio brought no GDAL of its own")
    labels = np.zeros((3, 3), np.int32)
    write(tmp_path / "out.tif", Semantic(labels, _legend(), space=_space()))

    gdal = ctypes.CDLL(str(libraries[0]))
    for name in ("GDALOpen", "GDALGetRasterBand", "GDALGetDefaultRAT"):
        getattr(gdal, name).restype = ctypes.c_void_p
    gdal.GDALRATGetValueAsString.restype = ctypes.c_char_p
    gdal.GDALGetRasterCategoryNames.restype = ctypes.POINTER(ctypes.c_char_p)
    gdal.GDALAllRegister()
    opened = ctypes.c_void_p(gdal.GDALOpen(str(tmp_path / "out.tif").encode(), 0))
    band = ctypes.c_void_p(gdal.GDALGetRasterBand(opened, 1))
    table = ctypes.c_void_p(gdal.GDALGetDefaultRAT(band))
    names = gdal.GDALGetRasterCategoryNames(band)

    assert [names[n].decode() for n in range(3)] == ["water", "land", "town"]
    assert gdal.GDALRATGetRowCount(table) == 3
    by_use = [gdal.GDALRATGetColOfUsage(table, use) for use in (5, 2, 6, 7, 8)]
    rows = [
        [gdal.GDALRATGetValueAsString(table, n, at).decode() for at in by_use] for n in range(3)
    ]
    assert rows == [[str(row.id), row.name, *map(str, row.colour)] for row in _legend()]
    gdal.GDALClose(opened)


def test_labels_when_plain_numbers_follow_then_the_names_are_gone(tmp_path):
    from pixelwise.core import Regions

    path = tmp_path / "out.tif"
    write(path, Semantic(np.zeros((3, 3), np.int32), _legend(), space=_space()))
    assert (tmp_path / "out.tif.aux.xml").exists()

    write(path, Regions(np.ones((3, 3), np.int32), space=_space()))

    assert [file.name for file in tmp_path.iterdir()] == ["out.tif"]


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
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        offset, count = page.dataoffsets[number], page.databytecounts[number]
    data = bytearray(path.read_bytes())
    data[offset : offset + count] = b"\x55" * count
    path.write_bytes(bytes(data))
