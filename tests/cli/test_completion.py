"""What shells complete with."""

import subprocess

import pytest

from pixelwise.cli import COMMANDS
from pixelwise.cli.completion import Shell, script


@pytest.fixture(scope="module")
def bash():
    return script(Shell.BASH, COMMANDS)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (["pixelwise", "seg"], "segment"),
        (["pixelwise", "segment", "--comm"], "--commercial"),
        (["pixelwise", "segment", "photo.jpg", "--method", "fel"], "felzenszwalb"),
        (["pixelwise", "segment", "--model", "self"], "selfie"),
        (["pixelwise", "models", "pu"], "pull"),
    ],
)
def test_bash_when_tab_is_pressed_then_the_word_is_completed(bash, typed, word):
    asked = (
        f"{bash}\nCOMP_WORDS=({' '.join(typed)}); COMP_CWORD={len(typed) - 1}; _pixelwise;"
        'echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert word in done.stdout.split()


@pytest.mark.parametrize("shell", Shell)
def test_script_when_made_then_every_command_is_in_it(shell):
    text = script(shell, COMMANDS)
    assert all(name in text for name in COMMANDS)
