# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""How fast the sandbox answers authenticated `GET /oauth/token`, and what it costs.

Run `python tests/benchmark/sandbox_oauth.py [SECONDS] [CLIENTS]`. Prints one line per number;
exit status 1 when one of them misses what is promised. Loopback only; makes and removes a
folder of its own.
"""

from __future__ import annotations

import base64
import http.client
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = Path(__file__).resolve().parents[2] / "roles" / "sandbox" / "files"
PROMISED_RATE = 500.0
PROMISED_START = 1.0
PROMISED_MEGABYTES = 60.0
SCOPE = "repository:team/app:pull,push"


def client(
    netloc: str, key: str, seconds: float, answered: multiprocessing.Queue
) -> None:
    """Ask on one kept-alive connection until the time is up; report how often."""
    connection = http.client.HTTPConnection(netloc)
    basic = base64.b64encode(f"iamapikey:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    end = time.monotonic() + seconds
    count = 0
    while time.monotonic() < end:
        connection.request(
            "GET", f"/oauth/token?service=registry&scope={SCOPE}", headers=headers
        )
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or b'"token"' not in body:
            raise RuntimeError(f"answered {response.status}")
        count += 1
    answered.put(count)


def control(url: str, path: str, body: dict) -> dict:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", path, json.dumps(body))
    answer: dict = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def measure(seconds: float, clients: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "endpoints.json"
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "icr_sandbox", "--endpoints-file", str(path)],
            cwd=PACKAGE,
            stdout=subprocess.PIPE,
        )
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the sandbox did not start")
            ready = time.monotonic() - started
            cloud = json.loads(path.read_text())
            made = control(
                cloud["control"],
                "/seed",
                {
                    "namespaces": [{"region": "us-south", "name": "team"}],
                    "service_ids": [
                        {"name": "bench", "policies": [{"roles": ["Reader", "Writer"]}]}
                    ],
                },
            )
            key = made["service_ids"][0]["api_key"]
            netloc = urlsplit(cloud["endpoints"]["registry"]["us-south"]).netloc
            answered: multiprocessing.Queue = multiprocessing.Queue()
            workers = [
                multiprocessing.Process(
                    target=client, args=(netloc, key, seconds, answered)
                )
                for _number in range(clients)
            ]
            for worker in workers:
                worker.start()
            count = sum(answered.get(timeout=seconds + 30) for _worker in workers)
            for worker in workers:
                worker.join()
            megabytes = resident_megabytes(process.pid)
        finally:
            process.terminate()
            process.wait()
    return {"rate": count / seconds, "start": ready, "megabytes": megabytes}


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    numbers = measure(seconds, clients)
    sys.stdout.write(
        f"ready after        {numbers['start']:8.2f} s    (promised {PROMISED_START})\n"
        f"GET /oauth/token   {numbers['rate']:8.0f} /s   "
        f"({clients} clients, promised {PROMISED_RATE:.0f})\n"
        f"resident memory    {numbers['megabytes']:8.1f} MB   "
        f"(promised {PROMISED_MEGABYTES:.0f})\n"
    )
    kept = (
        numbers["rate"] >= PROMISED_RATE
        and numbers["start"] <= PROMISED_START
        and numbers["megabytes"] <= PROMISED_MEGABYTES
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
