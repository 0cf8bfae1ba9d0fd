"""Films of things that cross and hide each other, with their true tracks and what a poor detector
finds of them."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pixelwise.core import Crop, Image, Instances, Legend, Segments

LEGEND = Legend.of(["ball", "box"], things=["ball", "box"])
SIZE = (180, 320)
COLOURS = ((200, 60, 50), (60, 90, 200), (230, 200, 60), (70, 160, 80), (150, 80, 160))
SEEN = 0.25
"""Share of a thing that must be in sight for it to be there."""


@dataclass(frozen=True)
class Thing:
    """One thing: where it is at each frame, how large, its class and colour."""

    places: np.ndarray
    size: tuple[int, int]
    class_id: int
    colour: tuple[int, int, int]

    def mask(self, frame):
        mask = np.zeros(SIZE, np.uint8)
        x, y = (int(value) for value in self.places[frame])
        w, h = self.size
        if self.class_id == 0:
            cv2.ellipse(mask, (x, y), (w // 2, h // 2), 0, 0, 360, 1, -1)
        else:
            cv2.rectangle(mask, (x - w // 2, y - h // 2), (x + w // 2, y + h // 2), 1, -1)
        return mask.view(bool)


def crowd(seed, count=7, frames=90):
    """Things that wander and bounce off the border, some of one colour."""
    random = np.random.default_rng(seed)
    things = []
    for number in range(count):
        place = random.uniform((30, 30), (SIZE[1] - 30, SIZE[0] - 30))
        speed = random.uniform(1.5, 5, 2) * random.choice([-1, 1], 2)
        places = []
        for _ in range(frames):
            places.append(place.copy())
            speed += random.normal(0, 0.25, 2)
            place += speed
            for axis, most in ((0, SIZE[1]), (1, SIZE[0])):
                if not 15 < place[axis] < most - 15:
                    speed[axis] = abs(speed[axis]) * (1 if place[axis] <= 15 else -1)
        size = tuple(int(side) for side in random.integers(22, 44, 2))
        things.append(Thing(np.array(places), size, number % 2, COLOURS[number % len(COLOURS)]))
    return things


def passing(hidden=15, speed=3.0):
    """Two things that meet behind a post for so many frames: one turns back, one goes on.

    Returns the things and the post's columns.
    """
    post = (140, 180)
    width = 24
    inside = np.linspace(post[0] + width / 2 + 2, post[1] - width / 2 - 2, hidden)
    left = np.arange(20, post[0] + width / 2, speed)
    right = np.arange(post[1] - width / 2, 300, speed)
    over = np.concatenate([left, inside, right])
    other = SIZE[1] - over
    rows = np.full(len(over), 90.0)
    return [
        Thing(np.stack([over, rows - 8], 1), (width, 34), 0, COLOURS[0]),
        Thing(np.stack([other, rows + 12], 1), (width, 34), 0, COLOURS[1]),
    ], post


REACH = (48, 24)
"""Pixels, x and y, that a camera in the hand strays from its middle, at most."""


def shaken(seed, frames, jerk=6.0):
    """Return where a camera in the hand looks at each frame: (frames, 2) whole pixels, x y."""
    random = np.random.default_rng(seed)
    turn = 2 * np.pi * np.arange(frames)[:, np.newaxis] / (55, 40)
    way = np.array(REACH) / 2 * np.sin(turn) + random.normal(0, jerk, (frames, 2))
    return np.rint(np.clip(way, np.negative(REACH), REACH)).astype(int)


def film(things, *, seed=0, post=None, noise=1.0, camera=None):
    """Yield image, true instances and found ones for each frame; the first thing is nearest.

    ``noise`` 0: the detector finds what is in sight, just as it is. ``camera``: where it looks.
    """
    random = np.random.default_rng(seed)
    frames = len(things[0].places)
    if camera is None:
        camera = np.zeros((frames, 2), int)
        ground = cv2.resize(random.integers(90, 150, (12, 20, 3)).astype(np.uint8), SIZE[::-1])
        ground = cv2.copyMakeBorder(ground, *REACH[1:] * 2, *REACH[:1] * 2, cv2.BORDER_REFLECT)
    else:
        size = (SIZE[1] + 2 * REACH[0], SIZE[0] + 2 * REACH[1])
        cells = random.integers(70, 170, (size[1] // 8, size[0] // 8, 3)).astype(np.uint8)
        ground = cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC)
        things = [replace(thing, places=thing.places - camera) for thing in things]
    for frame in range(frames):
        x, y = camera[frame] + REACH
        pixels, free = ground[y : y + SIZE[0], x : x + SIZE[1]].copy(), np.ones(SIZE, bool)
        rows = []
        if post is not None:
            free[:, post[0] - camera[frame, 0] : post[1] - camera[frame, 0]] = False
        for number, thing in enumerate(things):
            whole = thing.mask(frame)
            seen = whole & free
            free &= ~whole
            pixels[seen] = thing.colour
            if seen.sum() >= SEEN * whole.sum() > 0:
                rows.append((number + 1, thing.class_id, seen, seen.sum() / whole.sum()))
        if post is not None:
            pixels[:, post[0] - camera[frame, 0] : post[1] - camera[frame, 0]] = (40, 40, 45)
        pixels = np.clip(pixels + random.normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
        yield Image(pixels), _truth(rows), _found(rows, random, noise)


def _truth(rows):
    crops = [Crop.of(mask) for _, _, mask, _ in rows]
    return _instances(crops, [row[1] for row in rows], [1.0] * len(rows), [row[0] for row in rows])


def _found(rows, random, noise):
    crops, classes, scores = [], [], []
    for _, class_id, mask, share in rows:
        if random.random() < 0.07 * noise:
            continue
        step = np.rint(random.normal(0, 1.2 * noise, 2)).astype(int)
        crop = Crop.of(np.roll(mask, step, (0, 1)))
        crops.append(crop)
        classes.append(class_id if random.random() > 0.04 * noise else 1 - class_id)
        scores.append(float(np.clip(0.9 * share + random.normal(0, 0.05 * noise), 0.05, 1)))
    for _ in range(random.poisson(0.3 * noise)):
        y, x = random.integers(0, SIZE[0] - 30), random.integers(0, SIZE[1] - 30)
        crops.append(Crop((int(y), int(x)), np.ones(tuple(random.integers(12, 30, 2)), bool)))
        classes.append(int(random.integers(2)))
        scores.append(float(random.uniform(0.05, 0.5)))
    return _instances(crops, classes, scores, [-1] * len(crops))


def _instances(crops, classes, scores, tracks):
    table = Segments.of(
        classes,
        score=scores,
        box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
        area=[crop.area for crop in crops],
        track_id=tracks,
    )
    return Instances(table, tuple(crops), SIZE, LEGEND)
