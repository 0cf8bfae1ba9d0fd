"""Damage: the same one for the same number in every run."""

import random


def mutant(files, number):
    """Return the ``number``-th mutant: cut, one bit turned, a block of zeros, or two spliced."""
    chance = random.Random(number)  # noqa: S311
    data = bytearray(files[number % len(files)])
    if number < 32:
        return bytes(data[: len(data) * number // 32])
    kind = number % 4
    # Half of the damage goes where headers are.
    place = chance.randrange(min(len(data), 200) if chance.random() < 0.5 else len(data))
    if kind in (0, 1):
        data[place] ^= 1 << chance.randrange(8)
    elif kind == 2:
        length = min(chance.choice((1, 2, 4, 16, 64)), len(data) - place)
        data[place : place + length] = bytes(length)
    else:
        other = chance.choice(files)
        data = data[:place] + other[chance.randrange(len(other)) :]
    return bytes(data)
