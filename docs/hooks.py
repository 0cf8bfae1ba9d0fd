"""What the documentation is made of besides its pages: gallery runs and reference tables.

mkdocs calls :func:`on_files`. Every gallery script runs in a process of its own, in
``build/gallery``; its pictures, a page with its code and a notebook become part of the site.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))
import tables  # noqa: E402 - a page builder beside this file

SCRIPTS = sorted(
    path for path in (ROOT / "gallery").glob("*.py") if path.stem not in {"demo", "readme_picture"}
)
MADE = ROOT / "build" / "gallery"
PRINTED = ".printed.txt"
SHOWN = (".jpg", ".png", ".gif", ".webp")
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
NEEDS = "*Needs* `pip install pixelwise`; networks are fetched when they are first used."


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages, pictures and notebooks to the site."""
    for name, text in tables.pages().items():
        files.append(File.generated(config, name, content=text))
    for name in ("changelog", "contributing"):
        files.append(File.generated(config, f"{name}.md", content=_root_page(name)))
    index = [
        "# Gallery",
        "",
        "Every picture here is made by the script beside it.",
        "",
        '<div class="sheet" markdown>',
        "",
    ]
    for script in SCRIPTS:
        pictures = _run(script)
        for picture in pictures:
            target = f"gallery/{picture.name}"
            files.append(File.generated(config, target, abs_src_path=str(picture)))
        notebook = read_notebook(script)
        files.append(
            File.generated(
                config,
                f"gallery/{script.stem}.ipynb",
                content=jupytext.writes(notebook, fmt="ipynb"),
            )
        )
        files.append(
            File.generated(
                config, f"gallery/{script.stem}.md", content=_page(script, notebook, pictures)
            )
        )
        index.append(
            f"[![{_title(notebook)}]({pictures[0].name})<br>{_title(notebook)}]({script.stem}.md)\n"
        )
    files.append(
        File.generated(config, "gallery/index.md", content="\n".join([*index, "</div>", ""]))
    )
    return files


def read_notebook(script: Path) -> NotebookNode:
    """Return a script as a notebook that any Jupyter opens, what it needs said at its head."""
    notebook = jupytext.read(script, fmt="py:percent")
    notebook.metadata["kernelspec"] = KERNEL
    notebook.cells[0].source += f"\n\n{NEEDS}"
    return notebook


def _run(script: Path) -> list[Path]:
    """Return the pictures of a script, made anew where the script is newer than they are."""
    folder = MADE / script.stem
    stamp = folder / PRINTED
    if not stamp.exists() or stamp.stat().st_mtime < script.stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(
            [sys.executable, script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PluginError(f"gallery/{script.name} failed:\n{done.stderr}")
        stamp.write_text(done.stdout, encoding="utf-8")
    pictures = sorted(path for path in folder.iterdir() if path.suffix in SHOWN)
    if not pictures:
        raise PluginError(f"gallery/{script.name} made no picture")
    return pictures


def _page(script: Path, notebook: NotebookNode, pictures: list[Path]) -> str:
    parts = [
        cell.source.removesuffix(NEEDS)
        if cell.cell_type == "markdown"
        else f"```python\n{cell.source}\n```"
        for cell in notebook.cells
    ]
    printed = (MADE / script.stem / PRINTED).read_text(encoding="utf-8").strip()
    if printed:
        parts.append(f"It prints:\n\n```text\n{printed}\n```")
    parts += [f"![{_title(notebook)}]({picture.name})" for picture in pictures]
    parts.append(f"`python gallery/{script.name}` · [as a notebook]({script.stem}.ipynb)")
    return "\n\n".join(parts) + "\n"


def _title(notebook: NotebookNode) -> str:
    return notebook.cells[0].source.splitlines()[0].lstrip("# ")


def _root_page(name: str) -> str:
    """Return a page of the repository's root, its links as seen from the documentation."""
    text = (ROOT / f"{name.upper()}.md").read_text(encoding="utf-8")
    text = text.replace("](docs/", "](")
    return re.sub(r"\[([^\]]+)\]\([A-Z_]+\.md\)", r"\1", text)
