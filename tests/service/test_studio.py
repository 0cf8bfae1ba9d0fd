"""The studio page in a real browser: drop, choose, set, click, compare pictures."""

import base64
import io
import json
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pixelwise.core import Image, Space
from pixelwise.io.files import encode
from pixelwise.io.video import VideoWriter
from tests.films import picture as film_picture
from tests.service.browser import CHROMIUM, browser, film_of
from tests.service.conftest import picture

SHOTS = os.environ.get("PIXELWISE_SHOTS")
"""Folder for screenshots, to be looked at."""
KNOWN = ("Method not implemented.",)
"""What Gradio itself says in the console: a probe of its own that is answered with 501."""


@pytest.fixture(scope="module")
def chromium(data_dir, tmp_path_factory):
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed")
    video = data_dir / "videos" / "one-by-one-person-detection.mp4"
    with browser(film_of(video, tmp_path_factory.mktemp("camera") / "a.y4m")) as made:
        yield made


@pytest.fixture
def page(chromium, server):
    context = chromium.new_context(viewport={"width": 1300, "height": 950})
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if foreign(asked) else None)
    page.goto(server.url)
    page.wait_for_selector("#picture")
    yield page
    context.close()
    assert wrong == []


def foreign(asked):
    return not asked.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """Dark on the left, bright on the right, with a bright square in the dark."""
    pixels = np.full((120, 160, 3), 30, np.uint8)
    pixels[:, 100:] = 220
    pixels[20:50, 20:50] = 200
    place = tmp_path_factory.mktemp("studio") / "halves.png"
    place.write_bytes(picture(pixels))
    return str(place)


def shoot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def told(page, pattern):
    """Wait until the line says something that fits, and return it."""
    page.locator("#line").filter(has_text=re.compile(pattern)).wait_for()
    return page.text_content("#line")


def choose(page, box, option):
    page.click(f"{box} input")
    page.get_by_role("option", name=option, exact=True).click()


def give(page, place, box="#picture"):
    page.set_input_files(f"{box} input[type=file]", place)


def area(page):
    """Return the area of the first segment in the table."""
    time.sleep(0.3)
    cells = page.locator("#rows tbody td").all_text_contents()
    return int("".join(re.findall(r"\d", cells[3])))


def place_on(page, x, y):
    """Return where on the page the pixel x, y of ``halves`` is shown."""
    box = page.locator("#picture img").first.bounding_box()
    scale = min(box["width"] / 160, box["height"] / 120, 1)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return middle[0] + (x - 80) * scale, middle[1] + (y - 60) * scale


def pixels_of(page, box):
    data = page.locator(f"{box} img").last.screenshot()
    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_picture_when_given_then_segmented_by_the_best_model(page, data_dir, model_dir):
    give(page, str(next((data_dir / "people_ccp" / "photos").glob("*.jpg"))))
    assert "foreground" in told(page, "pixels")
    page.get_by_text("person 1").first.wait_for()
    assert area(page) > 10_000
    shoot(page, "studio-wide")


def test_method_when_chosen_then_its_own_settings_change_the_result_at_once(page, halves):
    give(page, halves)
    choose(page, "#family", "threshold")
    told(page, "^ *otsu")
    bright = area(page)
    assert bright == 120 * 60 + 900
    first = pixels_of(page, "#parts")
    time.sleep(1)  # the controls of the method before are taken away
    choose(page, "#setting-side", "darker")
    page.locator("#rows").get_by_text(str(120 * 160 - bright)).last.wait_for()
    assert np.abs(pixels_of(page, "#parts") - first).mean() > 20
    shoot(page, "studio-settings")


def test_method_when_another_of_the_family_is_chosen_then_it_is_used_at_once(page, halves):
    give(page, halves)
    choose(page, "#family", "threshold")
    told(page, "^ *otsu")
    choose(page, "#name", "multi-otsu")
    told(page, "^ *multi-otsu")
    choose(page, "#name", "triangle")
    told(page, "^ *triangle")


def test_network_when_chosen_then_its_own_settings_change_the_result(page, data_dir, model_dir):
    give(page, str(next((data_dir / "people_ccp" / "photos").glob("*.jpg"))))
    choose(page, "#family", "networks")
    choose(page, "#name", "selfie")
    told(page, "^ *selfie")
    before = area(page)
    time.sleep(1)
    page.fill("#setting-threshold input[type=number]", "0.95")
    page.keyboard.press("Tab")
    end = time.monotonic() + 30
    while area(page) >= before:
        assert time.monotonic() < end
    shoot(page, "studio-network")


def test_result_when_refined_then_another(page, halves):
    give(page, halves)
    choose(page, "#family", "threshold")
    told(page, "^ *otsu")
    assert area(page) == 120 * 60 + 900
    page.get_by_label("smooth").check()
    page.locator("#rows").get_by_text(str(120 * 60 + 900)).last.wait_for(state="detached")
    assert 120 * 60 + 700 < area(page) < 120 * 60 + 900  # the square's corners are rounder


def test_picture_when_clicked_then_the_click_is_a_prompt(page, halves):
    give(page, halves)
    choose(page, "#family", "regions")
    choose(page, "#name", "region-growing")
    page.mouse.click(*place_on(page, 128, 60))
    page.locator("#marks").get_by_text("1 include").wait_for()
    assert re.fullmatch("12[78], (59|60)", page.input_value("#place textarea, #place input"))
    told(page, "region-growing")
    page.locator("#rows").get_by_text("7200").last.wait_for()
    shoot(page, "studio-prompt")
    page.click("#clear")
    page.locator("#marks").get_by_text("Nothing").wait_for()


def test_box_when_drawn_or_typed_then_it_is_a_prompt(page, halves):
    give(page, halves)
    choose(page, "#family", "regions")
    choose(page, "#name", "grabcut")
    page.mouse.move(*place_on(page, 14, 14))
    page.mouse.down()
    page.mouse.move(*place_on(page, 40, 40))
    page.mouse.move(*place_on(page, 62, 60))
    assert page.locator("#band").bounding_box()["width"] == pytest.approx(48, abs=5)
    shoot(page, "studio-drawing")
    page.mouse.up()
    assert page.locator("#band").count() == 0
    page.locator("#marks").get_by_text("1 boxes").wait_for()
    drawn = [int(text) for text in page.input_value("#place textarea, #place input").split(",")]
    assert drawn == pytest.approx([14, 14, 62, 60], abs=1)
    page.locator("#rows").get_by_text("900").last.wait_for()
    shoot(page, "studio-box")
    page.fill("#place textarea, #place input", "110, 10, 150, 60")
    page.keyboard.press("Enter")
    page.locator("#marks").get_by_text("2 boxes").wait_for()
    page.fill("#place textarea, #place input", "10, 10, 60")
    page.keyboard.press("Enter")
    page.get_by_text("expected x, y such as").first.wait_for()


def test_picture_when_dropped_then_segmented(page, halves):
    data = base64.b64encode(Path(halves).read_bytes()).decode()
    drop = """(text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const held = new DataTransfer();
      held.items.add(new File([bytes], "a.png", { type: "image/png" }));
      return held;
    }"""
    held = page.evaluate_handle(drop, data)
    for kind in ("dragenter", "dragover", "drop"):
        page.dispatch_event("#picture input[type=file] >> xpath=..", kind, {"dataTransfer": held})
    assert "160 x 120 pixels" in told(page, "pixels")


def test_picture_when_pasted_then_segmented(page, halves, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    data = base64.b64encode(Path(halves).read_bytes()).decode()
    copy = """async (text) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const blob = new Blob([bytes], { type: "image/png" });
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
    }"""
    page.evaluate(copy, data)
    page.get_by_label("Paste from clipboard").first.click()
    assert "160 x 120 pixels" in told(page, "pixels")


def test_picture_when_taken_by_the_camera_then_segmented(page):
    page.get_by_label("Capture from camera").first.click()
    page.get_by_text("Click to Access Webcam").first.click()
    page.locator("#picture video").wait_for()
    shoot(page, "studio-camera-open")
    page.get_by_label("capture photo").first.click()
    assert "640 x 480" in told(page, "pixels")
    shoot(page, "studio-camera")


def test_pictures_when_the_slider_is_moved_then_before_gives_way_to_after(page, halves):
    give(page, halves)
    choose(page, "#family", "threshold")
    told(page, "^ *otsu")
    box = page.locator("#slider img").first.bounding_box()
    middle = box["y"] + box["height"] / 2

    def slide(start, end):
        page.mouse.move(box["x"] + box["width"] * start, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * end, middle, steps=5)
        page.mouse.up()
        time.sleep(0.5)
        data = page.screenshot(clip=box)
        pixels = np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB")).astype(int)
        return pixels[:, int(pixels.shape[1] * 0.62) : int(pixels.shape[1] * 0.75)]

    time.sleep(1)
    right = slide(0.5, 0.85)
    shoot(page, "studio-slider")
    left = slide(0.85, 0.2)
    greys = [np.ptp(pixels, axis=2).mean() for pixels in (left, right)]
    assert min(greys) < 5  # the picture as it was given is grey
    assert max(greys) > 20  # the result over it has a colour


def test_page_when_walked_by_keys_then_every_control_is_reached_and_works(page, halves):
    give(page, halves)
    told(page, "pixels")
    page.focus("#task input")
    reached = []
    for _ in range(14):
        reached.append(page.evaluate("document.activeElement.closest('[id]')?.id ?? ''"))
        page.keyboard.press("Tab")
    assert {"task", "family", "place", "clear"} <= set(reached)
    page.focus("#family input")
    page.keyboard.press("Control+A")
    page.keyboard.type("edges")
    page.keyboard.press("Enter")
    told(page, "^ *(canny|sobel|[a-z-]+): ")
    assert "edges" in page.input_value("#family input")
    page.get_by_role("tab", name="Compare").focus()
    page.keyboard.press("Enter")
    page.locator("#compare-picture").wait_for()


def test_files_when_made_then_they_can_be_taken(page, halves):
    give(page, halves)
    choose(page, "#family", "threshold")
    told(page, "otsu")
    page.get_by_text("Downloads").click()
    page.click("#make")
    page.locator("#made").get_by_text("result.mask").wait_for()
    with page.expect_download() as waiting:
        page.locator("#made a").nth(1).click()
    data = Path(waiting.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG")


def test_page_when_narrow_and_dark_then_nothing_is_cut_off(page, halves):
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 380, "height": 850})
    page.reload()
    page.wait_for_selector("#picture")
    give(page, halves)
    told(page, "pixels")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
    shoot(page, "studio-narrow-dark")


def test_page_when_only_keys_are_used_then_a_place_can_be_pointed_at(page, halves):
    give(page, halves)
    choose(page, "#family", "regions")
    choose(page, "#name", "region-growing")
    page.focus("#place input, #place textarea")
    page.keyboard.type("130, 60")
    page.keyboard.press("Enter")
    page.locator("#marks").get_by_text("1 include").wait_for()
    page.locator("#rows").get_by_text("7200").last.wait_for()


def test_compare_when_run_then_pictures_side_by_side(page, halves):
    page.get_by_role("tab", name="Compare").click()
    give(page, halves, "#compare-picture")
    page.locator("#compare-picture img").first.wait_for()
    page.click("#compare")
    page.locator("#gallery").get_by_text("otsu").first.wait_for(timeout=90_000)
    assert page.locator("#gallery img").count() >= 6
    shoot(page, "studio-compare")


def test_volume_when_given_then_three_planes_and_numbers(page, tmp_path):
    space = Space(spacing=(1.0, 1.0, 1.0), unit="mm", affine=np.diag([1.0, 1.0, 1.0, 1.0]))
    voxels = np.full((20, 24, 28, 1), -1000, np.int16)
    voxels[5:15, 6:18, 7:21] = 60
    place = tmp_path / "a.nii.gz"
    place.write_bytes(encode(Image(voxels, space), ".nii.gz"))
    page.get_by_role("tab", name="Volume").click()
    give(page, str(place), "#volume")
    page.locator("#axial img").wait_for()
    page.locator("#volume-rows").get_by_text("1680").last.wait_for()
    before = pixels_of(page, "#axial")
    page.fill("#centre textarea, #centre input", "3000")
    page.fill("#width textarea, #width input", "100")
    page.keyboard.press("Tab")
    end = time.monotonic() + 30
    while np.abs(pixels_of(page, "#axial") - before).mean() < 5:
        assert time.monotonic() < end
        time.sleep(0.3)
    shoot(page, "studio-volume")


def test_video_when_segmented_then_it_plays(page, tmp_path):
    film = tmp_path / "a.mp4"
    with VideoWriter(film) as sink:
        for number in range(12):
            sink.write(Image(film_picture(number)), None)
    page.get_by_role("tab", name="Video").click()
    give(page, str(film), "#film")
    page.locator("#film").get_by_text("a.mp4").first.wait_for()
    page.click("#film-go")
    page.locator("#film-line").get_by_text("12 frames").wait_for(timeout=90_000)
    page.locator("#film-result video").wait_for()
    shoot(page, "studio-video")


def test_map_when_a_land_cover_is_chosen_then_its_classes_by_name(page, data_dir):
    place = data_dir / "geotiff" / "detectree" / "img" / "1091-322_00.tif"
    page.get_by_role("tab", name="Map").click()
    give(page, str(place), "#map")
    page.locator("#map").get_by_text(place.suffix).first.wait_for()
    choose(page, "#map-method", "plants")
    page.click("#map-go")
    page.locator("#map-shown img").wait_for(timeout=90_000)
    page.locator("#map-rows").get_by_text("plants").last.wait_for()
    shoot(page, "studio-map-plants")


def test_map_when_objects_learn_from_polygons_then_their_classes(page, tmp_path):
    rasterio = pytest.importorskip("rasterio")
    pixels = np.full((3, 240, 320), 40, np.uint8)
    pixels[1, :, 160:] = 200
    scene, places = tmp_path / "scene.tif", tmp_path / "places.geojson"
    profile = {"driver": "GTiff", "height": 240, "width": 320, "count": 3, "dtype": "uint8"}
    with rasterio.open(scene, "w", **profile, transform=rasterio.Affine(2, 0, 0, 0, -2, 0)) as file:
        file.write(pixels)
    places.write_text(places_of({"grey": (40, 280), "green": (360, 600)}))
    page.get_by_role("tab", name="Map").click()
    give(page, str(scene), "#map")
    page.locator("#map").get_by_text(scene.suffix).first.wait_for()
    choose(page, "#map-method", "objects")
    page.click("#map-go")
    page.get_by_text("give it labelled places").first.wait_for()
    give(page, str(places), "#map-lesson")
    page.locator("#map-lesson").get_by_text(places.suffix).first.wait_for()
    page.click("#map-go")
    page.locator("#map-rows").get_by_text("green").last.wait_for(timeout=90_000)
    shoot(page, "studio-map-objects")


def places_of(columns):
    """Return GeoJSON with a polygon of each class between two columns."""
    features = []
    for name, (left, right) in columns.items():
        ring = [[left, -40], [right, -40], [right, -440], [left, -440], [left, -40]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"class": name}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_map_when_classified_then_shown_with_its_classes(page, data_dir):
    place = data_dir / "geotiff" / "rasterio" / "RGB.byte.tif"
    page.get_by_role("tab", name="Map").click()
    give(page, str(place), "#map")
    page.locator("#map").get_by_text(place.suffix).first.wait_for()
    page.click("#map-go")
    page.locator("#map-shown img").wait_for(timeout=90_000)
    page.locator("#map-rows").get_by_text("%").last.wait_for()
    shoot(page, "studio-map")
