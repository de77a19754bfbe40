# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""A sandbox in this process, and hosts that hold a key of it: watched around each request."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

SANDBOX = Path("ansible_collections", "icr", "access", "roles", "sandbox", "files")
sys.path.insert(
    0, str(Path(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0], SANDBOX))
)

from icr_sandbox.app import App  # noqa: E402 - it is found by the line above
from icr_sandbox.messages import Request, Response  # noqa: E402
from icr_sandbox.server import Server  # noqa: E402

CONNECTIONS = Path(__file__).parent / "connections"
HOSTS = ("build-1", "build-2")
# tests/tools/warm_python.py says what it is.
WARM = str(Path(sys.executable).with_name("warm-python"))
NAME = "fleet"
FIRST_VALUE = "first-value-of-the-key-of-this-fleet-00000000"


@dataclass(frozen=True)
class Moment:
    """When a run is killed: at its `number`-th request that fits, before that is seen by IBM
    Cloud or when the work is done and the answer is not yet sent."""

    number: int
    is_after: bool
    fits: str = "*"

    def __str__(self) -> str:
        when = "after" if self.is_after else "before"
        return f"{when} request {self.number} of {self.fits}"


class Fleet:
    """Everything in one folder. `faults` are the moments without a login that works."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.made = 0  # keys, by all runs
        self._app = App()
        self._moment: Moment | None = None
        self._run: subprocess.Popen[bytes] | None = None
        self._left = 0
        self._lock = threading.Lock()
        self._begin()

    # --- the world ---

    def _begin(self) -> None:
        """All hosts hold the first key, as a run before has left them."""
        self._control(
            "/seed",
            service_ids=[
                {
                    "name": "puller",
                    "policies": [{"roles": ["Reader"]}],
                    "api_keys": [{"name": NAME, "value": FIRST_VALUE}],
                }
            ],
        )
        (self.folder / "key").write_text(FIRST_VALUE)
        (self.folder / "key").chmod(0o600)

    def fill(self, registry: str) -> None:
        """Let the hosts be logged in to that registry (`host:port`)."""
        auth = base64.b64encode(f"iamapikey:{FIRST_VALUE}".encode()).decode()
        for host in HOSTS:
            path = self.folder / host
            path.mkdir()
            document = {"auths": {registry: {"auth": auth}}}
            (path / "config.json").write_text(json.dumps(document))

    def refuse(self, host: str, after: int) -> None:
        """Let one task not reach the host, when so many have reached it."""
        (self.folder / f"refuse-{host}").write_text(str(after))

    def spoil(self, path: str, status: int, calls: int) -> None:
        """Let the next requests for that path be answered with that status."""
        self._control("/faults", kind="status", path=path, status=status, calls=calls)

    def disable(self, name: str) -> None:
        """Disable the keys of that name, as IBM Cloud does with those found in public."""
        for key in self._app.state.api_keys.values():
            key.disabled = key.disabled or key.name == name

    def _control(self, route: str, /, **body: object) -> dict[str, Any]:
        request = Request(
            service="control",
            method="POST",
            path=route,
            query=(),
            headers={"host": "127.0.0.1"},
            body=json.dumps(body).encode(),
        )
        answer: dict[str, Any] = json.loads(self._app.handle(request).body)
        return answer

    # --- watching and killing ---

    def handle(self, request: Request) -> Response:
        """What the server calls for each request."""
        with self._lock:
            line = f"{request.method} {request.path}"
            self.requests.append(line)
            self.made += line == "POST /v1/apikeys"
            self.watch(f"before {line}")
            moment = self._moment
            if self._left and moment and fnmatchcase(line, moment.fits):
                self._left -= 1
                if not self._left:
                    if not moment.is_after:
                        self._kill()
                        return Response(500, reset=True)
                    self._app.handle(request)
                    self._kill()
                    return Response(500, reset=True)
            if moment is not None and not self._left:
                return Response(500, reset=True)  # from one that is dead
            response = self._app.handle(request)
            self.watch(f"after {line}")
            return response

    def watch(self, when: str) -> None:
        """Note each host whose login does not work now."""
        for host in HOSTS:
            document = json.loads((self.folder / host / "config.json").read_text())
            for entry in document["auths"].values():
                value = base64.b64decode(entry["auth"]).decode().partition(":")[2]
                if not self._is_accepted(value):
                    self.faults.append(f"{when}: {host} has no login that works")

    def _is_accepted(self, value: str) -> bool:
        key = self._app.state.key_by_value(value)
        return key is not None and not key.disabled

    def _kill(self) -> None:
        """The run and all that it has started: its workers have sessions of their own."""
        if self._run is not None:
            for pid in family_of(self._run.pid):
                end_process(pid)

    @property
    def keys(self) -> list[str]:
        """What the keys of the service ID are called, disabled ones marked."""
        state = self._app.state
        service_id = next(iter(state.service_ids.values()))
        return sorted(
            key.name + (" disabled" if key.disabled else "")
            for key in state.keys_of(service_id.iam_id)
        )

    def is_in_force(self) -> bool:
        """Whether file and hosts hold the one key that there is."""
        value = (self.folder / "key").read_text()
        texts = [(self.folder / host / "config.json").read_text() for host in HOSTS]
        auth = base64.b64encode(f"iamapikey:{value}".encode()).decode()
        return value != FIRST_VALUE and all(auth in text for text in texts)

    def holds(self) -> str:
        """What the file and the hosts hold: to see that nothing has changed."""
        paths = [self.folder / host / "config.json" for host in HOSTS]
        return "".join(each.read_text() for each in [self.folder / "key", *paths])

    @property
    def log(self) -> str:
        """What all runs have printed."""
        return (self.folder / "log").read_text()

    # --- runs ---

    def run(
        self,
        endpoints: dict[str, Any],
        moment: Moment | None = None,
        dead: str | None = None,
        *arguments: str,
    ) -> int:
        """Run the playbook, up to that moment; `dead` is a host that cannot be reached. The exit
        status, negative when it was killed. Its output is added to `log`."""
        inventory = self.folder / "inventory.json"
        # Of what is to be killed all processes must be its own.
        python = sys.executable if moment else WARM
        inventory.write_text(json.dumps(self._inventory(endpoints, dead, python)))
        self._moment, self._left = moment, moment.number if moment else 0
        self.requests.clear()
        settings = {
            **os.environ,
            "HOME": str(self.folder),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "ANSIBLE_REMOTE_TMP": str(self.folder / "remote"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_CONNECTION_PLUGINS": str(CONNECTIONS),
            "IC_API_KEY": self._app.state.founder.api_key,
        }
        command = ["ansible-playbook", "icr.access.rotate", "-i", str(inventory)]
        for name, value in (
            ("name", NAME),
            ("service_id", "puller"),
            ("dest", "key"),  # in the folder where it is run
        ):
            command += ["-e", f"rotate_{name}={value}"]
        command += arguments
        with (self.folder / "log").open("ab") as log:
            self._run = subprocess.Popen(
                command,
                cwd=self.folder,
                env=settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            return self._run.wait()

    def _inventory(
        self, endpoints: dict[str, Any], dead: str | None, python: str
    ) -> dict[str, object]:
        nowhere = {
            "ansible_connection": "ssh",
            "ansible_host": "127.0.0.1",
            "ansible_port": 1,
        }
        variables = {
            "ansible_connection": "refusing",
            "ansible_python_interpreter": python,
            "registry_login_endpoints": endpoints,
            "registry_login_regions": ["us-south"],
            "registry_login_config_path": f"{self.folder}/{{{{ inventory_hostname }}}}/config.json",
        }
        hosts = {host: nowhere if host == dead else {} for host in HOSTS}
        return {"all": {"hosts": hosts, "vars": variables}}


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Fleet, dict[str, Any]]]:
    """A fleet, and the endpoints of its IBM Cloud."""
    fleet = Fleet(folder)
    server = Server(fleet.handle)
    thread = threading.Thread(target=server.run)
    thread.start()
    ports = {(each.service, each.region): each.port for each in server.listeners}
    region = "us-south"
    endpoints = {
        "iam": f"http://127.0.0.1:{ports['iam', None]}",
        "registry": {region: f"http://127.0.0.1:{ports['registry', region]}"},
    }
    fleet.fill(f"127.0.0.1:{ports['registry', region]}")
    try:
        yield fleet, endpoints
    finally:
        server.stop()
        thread.join()


def family_of(pid: int) -> list[int]:
    """A process and all that it has started, whatever their groups."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        parents.setdefault(parent, []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def end_process(pid: int) -> None:
    """End one process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
