"""The pool: a worker that grows is replaced without a loss; bugs are logged by their request."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from pixelwise.service.log import REQUEST
from pixelwise.service.longwork import warm
from pixelwise.service.pool import Pool, PoolRules
from pixelwise.service.refusals import Refusal

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


def broken():
    raise ZeroDivisionError


def test_call_when_it_is_a_bug_then_500_and_the_log_has_the_request_with_the_trace(capfd):
    pool = Pool(PoolRules(workers=1, warm=f"{warm.__module__}:{warm.__name__}"))

    async def asked_as_a_request():
        REQUEST.set("job-7")
        await pool.run(broken, deadline_s=100)

    try:
        with pytest.raises(Refusal) as refused:
            asyncio.run(asked_as_a_request())
        time.sleep(0.2)  # another thread writes
    finally:
        pool.close()
    assert refused.value.status_code == 500
    assert "Zero" not in refused.value.message
    said = capfd.readouterr().err
    assert said.startswith("request job-7: Traceback")
    assert said.rstrip().endswith("ZeroDivisionError")


def test_log_when_nobody_reads_it_then_the_work_goes_on():
    """Fault 28."""
    reader, writer = os.pipe()
    code = (
        "from pixelwise.service.log import log\n"
        "for number in range(5000): log('x' * 1000)\n"
        "print('alive')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=writer,
        timeout=30,
        check=True,
    )
    os.close(reader)
    os.close(writer)
    assert done.stdout == b"alive\n"
