"""The pool with calls that grow: a worker is replaced, and no call is lost with it."""

import asyncio
import os

from pixelwise.service.longwork import warm
from pixelwise.service.pool import Pool, PoolRules

KEPT = []
LIMIT = 400 << 20


def grown(size):
    """Keep so many bytes for ever, as a leak does, and say which process did."""
    KEPT.append(b"\1" * size)
    return os.getpid()


async def asked(pool, count, size):
    return await asyncio.gather(*(pool.run(grown, size, deadline_s=100) for _ in range(count)))


def test_worker_when_it_grows_past_the_limit_then_replaced_and_no_call_is_lost():
    rules = PoolRules(
        workers=2, queue=40, worker_bytes=LIMIT, warm=f"{warm.__module__}:{warm.__name__}"
    )
    pool = Pool(rules)
    try:
        small = asyncio.run(asked(pool, 6, 1))
        assert pool.restarts == 0
        grew = asyncio.run(asked(pool, 12, 150 << 20))
        assert len(small) == 6
        assert len(grew) == 12
        assert pool.restarts >= 3
        assert len(set(grew)) > 2
        assert pool.resident_bytes <= 2 * LIMIT
    finally:
        pool.close()
