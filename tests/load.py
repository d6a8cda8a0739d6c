"""The service under load, beside the engine in process: client and server share the machine.

    python -m tests.load [SECONDS]

Thirty-two clients that wait for their answers and ask again at once have, by Little's law, twenty times the
latency of one where the throughput is 1.6 times one client's. So latency is measured with thirty-two clients
that ask at random moments, together 1.6 times as often as one alone could; throughput without pauses.
"""

import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import httpx

from grader.engine import Grader
from grader.evaluate.speed import sample

CLIENTS = 32
FACTOR = 1.6  # of one client's throughput
Taken = list[tuple[int, float]]  # status and seconds


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120.0
    grader = Grader.load()
    items = [{"question_id": i["question_id"], "answer": i["answer"]} for i in sample(grader, 400)]
    inside = in_process(grader, items[:80])
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = {"GRADER_DB": f"{folder}/learners.db", "GRADER_PORT": str(port), "GRADER_RATE_ADDRESS": "0",
                    "GRADER_LOG": "error"}
        service = subprocess.Popen([sys.executable, "-m", "grader", "serve"], env={**os.environ, **settings},
                                   stdout=subprocess.DEVNULL)
        try:
            asyncio.run(measured(f"http://127.0.0.1:{port}", items, inside, seconds, service.pid))
        finally:
            service.terminate()
            service.wait()


def in_process(grader: Grader, items: Sequence[dict]) -> float:
    """Median seconds of `Grader.grade`."""
    taken = []
    for item in items:
        started = time.perf_counter()
        grader.grade(item)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[10:])


async def measured(address: str, items: list[dict], inside: float, seconds: float, pid: int) -> None:
    """All figures, printed as they come."""
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=400)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as client:
        await ready(client)
        await closed(client, items, 1, 3)
        span = max(5.0, seconds / 10)
        alone = await closed(client, items, 1, span)
        p50, rate = quantile(alone, 0.5), len(alone) / span
        told(f"in process     p50 {inside * 1000:6.1f} ms")
        extra = await added(client, items)
        told(f"one client     p50 {p50 * 1000:6.1f} ms, {rate:.1f}/s; HTTP adds {extra:.1f} ms (bar 3)")
        start = memory(pid)
        crowd = await closed(client, items, CLIENTS, seconds / 2)
        throughput = len(crowd) / (seconds / 2)
        told(f"{CLIENTS} clients     {throughput:.1f}/s: {throughput / rate:.2f} of one client's (bar {FACTOR}); "
             f"errors: {errors(crowd)}")
        paced = await opened(client, items, FACTOR * rate, seconds / 2)
        slow = quantile(paced, 0.99)
        told(f"with pauses    p50 {quantile(paced, 0.5) * 1000:.1f} ms, p99 {slow * 1000:.1f} ms: "
             f"{slow / p50:.1f} of one client's p50 (bar 6); errors: {errors(paced)}")
        told(f"memory         {start:.0f} MB, then {memory(pid):.0f} MB")
        await flooded(client, items, 2 * throughput, max(10.0, seconds / 6))


async def added(client: httpx.AsyncClient, items: list[dict]) -> float:
    """Median milliseconds of a request beyond those that the engine says it took for the same answer."""
    found = []
    for item in items[:60]:
        started = time.perf_counter()
        given = await client.post("/api/v1/grade", json=item)
        found.append((time.perf_counter() - started) * 1000 - given.json()["ms"])
    return statistics.median(found)


async def flooded(client: httpx.AsyncClient, items: list[dict], rate: float, seconds: float) -> None:
    """Twice what it can bear: who is refused, how soon, and how long until all is well again."""
    flood = await opened(client, items, rate, seconds)
    started = time.perf_counter()
    await client.post("/api/v1/grade", json=items[0])
    recovered = time.perf_counter() - started
    accepted, refused = ([t for t in flood if t[0] == status] for status in (200, 503))
    told(f"twice as much  {len(accepted)} graded, p99 {quantile(accepted, 0.99) * 1000:.0f} ms; "
         f"{len(refused)} refused, p99 {quantile(refused, 0.99) * 1000:.0f} ms (bar 50); "
         f"others {len(flood) - len(accepted) - len(refused)}; graded again after {recovered:.2f} s (bar 1)")


def told(line: str) -> None:
    print(line, flush=True)


async def ready(client: httpx.AsyncClient) -> None:
    """Waits until the service grades."""
    started = time.perf_counter()
    while True:
        try:
            if (await client.get("/health/ready")).status_code == 200:
                told(f"ready after    {time.perf_counter() - started:.2f} s")
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.02)


async def ask(client: httpx.AsyncClient, item: dict, taken: Taken) -> None:
    started = time.perf_counter()
    given = await client.post("/api/v1/grade", json=item)
    taken.append((given.status_code, time.perf_counter() - started))


async def closed(client: httpx.AsyncClient, items: list[dict], clients: int, seconds: float) -> Taken:
    """Clients that ask again as soon as they have their answer."""
    taken: Taken = []
    turn, end = count(), time.perf_counter() + seconds

    async def asking() -> None:
        while time.perf_counter() < end:
            await ask(client, items[next(turn) % len(items)], taken)

    await asyncio.gather(*(asking() for _ in range(clients)))
    return taken


async def opened(client: httpx.AsyncClient, items: list[dict], rate: float, seconds: float) -> Taken:
    """Requests at random moments, so many a second, whatever becomes of the ones before."""
    taken: Taken = []
    chance, tasks, at = random.Random(1), [], time.perf_counter()
    end = at + seconds
    for n in count():
        at += chance.expovariate(rate)
        if at > end:
            break
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        tasks.append(asyncio.create_task(ask(client, items[n % len(items)], taken)))
    await asyncio.gather(*tasks)
    return taken


def quantile(taken: Taken, share: float) -> float:
    found = sorted(seconds for _, seconds in taken)
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


def errors(taken: Taken) -> str:
    found = Counter(status for status, _ in taken if status != 200)
    return ", ".join(f"{n} of status {status}" for status, n in found.items()) or "none"


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    line = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
