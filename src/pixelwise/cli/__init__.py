"""The command line: one short function a command, imported when it is called."""

import sys

from pixelwise.cli.exits import leave
from pixelwise.cli.root import run

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "segment": ("pixelwise.cli.segment:segment", "Segment pictures."),
    "video": ("pixelwise.cli.video:video", "Segment a video file, sound and times kept."),
    "track": ("pixelwise.cli.track:track", "Give the things of a video ids that last."),
    "live": ("pixelwise.cli.live:live", "Blur or replace the background of a camera, at once."),
    "volume": ("pixelwise.cli.volume:volume", "Segment and measure medical volumes."),
    "map": ("pixelwise.cli.map:raster_map", "Classify rasters of any size, in hectares."),
    "batch": ("pixelwise.cli.batch:batch", "Segment many pictures, always resumable."),
    "verify": ("pixelwise.cli.verify:verify", "Check what a batch wrote."),
    "compare": ("pixelwise.cli.compare:compare", "Every technique side by side on one picture."),
    "convert": ("pixelwise.cli.convert:convert", "Any annotation format to any other."),
    "evaluate": ("pixelwise.cli.evaluate:evaluate", "Score predictions against the truth."),
    "serve": ("pixelwise.cli.serve:serve", "Serve the HTTP API, the studio and the live page."),
    "train": ("pixelwise.cli.train:train", "Train a network on your own pictures and masks."),
    "export": ("pixelwise.cli.export:export", "A torch network as files that run without torch."),
    "methods": ("pixelwise.cli.methods:methods", "List the classical methods and their settings."),
    "models": ("pixelwise.cli.models:models", "List, fetch and check networks."),
    "completion": ("pixelwise.cli.completion:completion", "Complete commands in your shell."),
    "manual": ("pixelwise.cli.manual:manual", "Print the manual page."),
    "doctor": ("pixelwise.cli.doctor:doctor", "Say what works on this machine."),
}
"""Command -> where it lives, and its line in the help."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    arguments = sys.argv[1:]
    leave(lambda: run(COMMANDS, arguments), debug="--debug" in arguments)
