"""Looks at the built site as readers do: ``python docs/look.py site FOLDER``, after ``make docs``.

Every page is opened in headless Chromium, wide and as narrow as a telephone, light and dark. Its
picture goes into FOLDER; what sticks out to the right, is missing, or is asked for from elsewhere
is printed and makes the program end with 1.
"""

import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, Request, TimeoutError, sync_playwright  # noqa: A004

CHROMIUM = "/usr/bin/chromium"
LOOKS = {"wide": (1280, "light"), "narrow": (360, "light"), "dark": (360, "dark")}
STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BROKEN = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
PATIENCE_MS = 20_000
UNNAMED = "[...document.images].filter(i => !i.alt).map(i => i.src)"


def main(site: Path, folder: Path) -> int:
    """Open every page in every look and return the exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for look, (width, scheme) in LOOKS.items():
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page.on("request", partial(_note_elsewhere, faults))
            for file in sorted(site.rglob("*.html")):
                page.goto(file.resolve().as_uri())
                name = str(file.relative_to(site).with_suffix("")).replace("/", ".")
                faults += [f"{name}, {look}: {fault}" for fault in _faults(page)]
                page.screenshot(path=folder / f"{look}.{name}.png", full_page=True)
            faults += _search_faults(page, site)
            page.close()
        browser.close()
    print("\n".join(dict.fromkeys(faults)) or "nothing sticks out, nothing is missing")
    return 1 if faults else 0


def _faults(page: Page) -> list[str]:
    wider = page.evaluate(STICKS_OUT)
    told = [f"sticks out by {wider} pixels"] if wider > 0 else []
    told += [f"picture is missing: {source}" for source in page.evaluate(BROKEN)]
    return told + [f"picture has no words: {source}" for source in page.evaluate(UNNAMED)]


def _search_faults(page: Page, site: Path) -> list[str]:
    page.goto((site / "index.html").resolve().as_uri())
    page.keyboard.press("/")
    page.keyboard.type("watershed")
    try:
        page.wait_for_selector(".md-search-result__item", timeout=PATIENCE_MS)
    except TimeoutError:
        return ["the search finds nothing"]
    return []


def _note_elsewhere(faults: list[str], asked: Request) -> None:
    if not asked.url.startswith(("file:", "data:", "blob:")):
        faults.append(f"asks for {asked.url}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
