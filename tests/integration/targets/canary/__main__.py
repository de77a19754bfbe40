# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Let every module and the role handle secrets, and look for them everywhere afterwards.

The playbook is run as verbosely as possible, through successes and failures of all kinds. Then
all output, the log and every file that is left behind are searched, but for the auth files,
where the secrets belong. That the search would find them is shown with a planted leak first.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .leaks import find_in_files, find_secrets
from .world import make_secrets, sandbox, telling

HERE = Path(__file__).resolve().parent
# Where the secrets are kept on purpose: auth files with what their helpers store, and the file
# that the playbook has them from.
KEPT = ("auth", "input")


def run(playbook: str, folder: Path, *, status: int = 0, **environment: str) -> bytes:
    """Run a playbook, everything it leaves behind below the folder; all that it prints."""
    settings = {
        **os.environ,
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp" / "local"),
        "ANSIBLE_REMOTE_TMP": str(folder / "tmp" / "remote"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        **environment,
    }
    command = ["ansible-playbook", "-vvvv", "--diff", str(HERE / playbook)]
    command += ["-i", str(folder / "input" / "hosts.json")]
    done = subprocess.run(
        command,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != status:
        # Recognisable secrets of a sandbox that is gone: no harm in printing them here.
        say(done.stdout.decode(errors="replace"))
        raise SystemExit(f"{playbook} ends with status {done.returncode}")
    return done.stdout


def search(output: bytes, folder: Path, secrets: dict[str, str]) -> dict[str, set[str]]:
    """Where secrets were found, and the names of those."""
    kept = {folder / name for name in KEPT}
    found = {
        str(path.relative_to(folder)): names
        for path, names in find_in_files(folder, secrets, but_not=kept)
    }
    for line in output.splitlines():
        names = find_secrets(line, secrets)
        if names:
            place = line.split(b":")[0][:60].decode(errors="replace")
            found.setdefault(f"output ({place})", set()).update(names)
    return found


def prepare(folder: Path, cloud: dict[str, object], secrets: dict[str, str]) -> None:
    """Make the folders, and the files that the playbook reads."""
    for name in (*KEPT, "home", "tmp", "facts"):
        (folder / name).mkdir()
    variables = {
        **secrets,
        "endpoints": cloud["endpoints"],
        "control": cloud["control"],
        "registry_login_regions": ["us-south"],
        "registry_login_endpoints": cloud["endpoints"],
        "auth": str(folder / "auth"),
        "helper_path": f"{HERE / 'helpers'}:{HERE.parent / 'setup_credential_helper/files'}",
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
    }
    hosts = {
        "all": {"hosts": {"canary": {}}, "vars": variables},
        "role": {"hosts": dict(role_hosts(folder / "auth", secrets))},
        "parameters": {"hosts": {"parameters": {}}},
    }
    (folder / "input" / "hosts.json").write_text(json.dumps(hosts))
    # What others keep in the file, in a file that is understood and one that is not.
    others = base64.b64encode(f"other:{secrets['login_of_others']}".encode()).decode()
    document = json.dumps({"auths": {"other.example": {"auth": others}}})
    (folder / "auth" / "config.json").write_text(document)
    (folder / "auth" / "broken.json").write_text(document + "}")
    (folder / "auth" / "wrong.json").write_text(json.dumps({"auths": [others]}))


def role_hosts(
    auth: Path, secrets: dict[str, str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """A host for each way to call the role: its variables, and whether the role fails."""
    # Without a credential the role takes the key from the environment.
    good: list[dict[str, object]] = [
        {},
        {"api_key": secrets["api_key"]},
        {"iam_token": secrets["iam_token"]},
        {"short_lived": True},
        {"short_lived": True, "api_key": secrets["api_key"]},
    ]
    bad: list[dict[str, object]] = [
        {"api_key": secrets["wrong_key"]},
        {"refresh_token": secrets["refresh_token"]},
        {"registry_token": secrets["registry_token"]},
        {"username": "somebody", "password": secrets["password"]},
        {"api_key": secrets["api_key"], "password": secrets["password"]},
        {"api_key": secrets["api_key"], "regions": ["nowhere"]},
        {"short_lived": True, "api_key": secrets["wrong_key"]},
        {"short_lived": True, "password": secrets["password"]},
        # A secret of the wrong type, and what the role's argument specification refuses.
        {"api_key": secrets["api_key"], "state": "somehow"},
        {"api_key": secrets["api_key"], "endpoints": "nowhere"},
        {"api_key": {"text": secrets["api_key"]}},
        {"iam_token": {"text": secrets["api_key"]}},
        {"refresh_token": {"text": secrets["api_key"]}},
        {"registry_token": {"text": secrets["api_key"]}},
        {"username": "somebody", "password": [secrets["password"]]},
    ]
    for number, (fails, variables) in enumerate(
        [*((False, case) for case in good), *((True, case) for case in bad)]
    ):
        named = {f"registry_login_{key}": value for key, value in variables.items()}
        path = str(auth / f"role{number}.json")
        yield (
            f"role{number}",
            {"role_fails": fails, "registry_login_config_path": path, **named},
        )


def check_search(secrets: dict[str, str], cloud: dict[str, object]) -> None:
    """Plant leaks of every secret, and insist that each is found in each place."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, cloud, secrets)
        output = run("planted.yml", folder)
        sought = {kind: telling(secret) for kind, secret in secrets.items()}
        found = search(output, folder, sought)
        in_output = {key for key in found if key.startswith("output")}
        assert set().union(*(found[key] for key in in_output)) == set(secrets), found
        for place in ("home/plain", "home/pair", "ansible.log"):
            assert found.get(place) == set(secrets), (place, found)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sandbox").mkdir()
        with sandbox(folder / "sandbox") as cloud:
            secrets = make_secrets(cloud)
            check_search(secrets, cloud)
            prepare(folder, cloud, secrets)
            key = secrets["environment_key"]
            output = run("playbook.yml", folder, IC_API_KEY=key)
            output += run("refused.yml", folder, status=2)
            made = {path.name: path.read_text() for path in folder.glob("auth/*.key")}
            sought = {
                kind: telling(secret) for kind, secret in {**secrets, **made}.items()
            }
            found = search(output, folder, sought)
    for place, kinds in found.items():
        say(f"LEAK in {place}: {', '.join(sorted(kinds))}")
    lines = len(output.splitlines())
    say(f"{lines} lines and all files searched for {len(sought)} secrets")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
