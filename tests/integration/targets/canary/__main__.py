# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

"""Let every module and the role handle secrets, and look for them everywhere afterwards.

The playbook is run as verbosely as possible, through successes and failures of all kinds, while
its processes and temporary files are watched. Then what was seen, all output, the log, what
callbacks and caches have written and every file that is left behind are searched, but for the
auth files, where the secrets belong. That each search would find them is shown with planted
leaks first.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from .leaks import find_in_files, find_secrets
from .watch import Watch
from .world import make_secrets, sandbox, telling

HERE = Path(__file__).resolve().parent
# Where the secrets are kept on purpose: auth files with what their helpers store, and the file
# that the playbook has them from.
KEPT = ("auth", "input")
# The processes that a watch must have seen, or it has not seen what there was to see.
SEEN = (b"ansible-playbook", b"AnsiballZ_cr_login", b"docker-credential-shelf")


def run(playbook: str, folder: Path, *, status: int = 0, **environment: str) -> bytes:
    """Run a playbook, everything it leaves behind below the folder; all that it prints."""
    settings = {
        **os.environ,
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp" / "local"),
        "ANSIBLE_REMOTE_TMP": str(folder / "tmp" / "remote"),
        "ANSIBLE_LOG_PATH": str(folder / "ansible.log"),
        # As files that can be seen: not in one go through a pipe.
        "ANSIBLE_PIPELINING": "false",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / "facts"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
        "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
        "JUNIT_OUTPUT_DIR": str(folder / "junit"),
        "ANSIBLE_RETRY_FILES_ENABLED": "true",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(folder / "retry"),
        "ANSIBLE_ACTION_PLUGINS": str(HERE.parent / "setup_sandbox/action_plugins"),
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


def search(
    output: bytes, watch: Watch, folder: Path, secrets: dict[str, str]
) -> Iterator[tuple[str, set[str]]]:
    """Every place that was searched, and the names of the secrets that were found in it."""
    kept = {folder / name for name in KEPT}
    for path, names in find_in_files(folder, secrets, but_not=kept):
        yield str(path.relative_to(folder)), names
    for line in output.splitlines():
        where = line.split(b":")[0][:60].decode(errors="replace")
        yield f"output ({where})", find_secrets(line, secrets)
    for arguments in watch.arguments:
        program = arguments[:60].decode(errors="replace")
        yield f"arguments ({program})", find_secrets(arguments, secrets)
    for environment in watch.environments:
        yield "environment", find_secrets(environment, secrets)
    for path, content in watch.files:
        yield f"open file {path.name}", find_secrets(content, secrets)


def prepare(folder: Path, cloud: dict[str, object], secrets: dict[str, str]) -> None:
    """Make the folders, and the files that the playbook reads."""
    for name in (*KEPT, "home", "tmp", "facts", "tree", "junit", "retry"):
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
        {"short_lived": True, "api_key": secrets["wrong_key"]},
        # A secret of the wrong type, and what the role's argument specification refuses.
        {"api_key": secrets["api_key"], "state": "somehow"},
        {"api_key": {"text": secrets["api_key"]}},
        {"iam_token": {"text": secrets["api_key"]}},
        {"refresh_token": {"text": secrets["api_key"]}},
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


# Where planted.yml and `plant` put them.
PLANTED = (
    "output",
    "ansible.log",
    "home/plain",
    "home/pair",
    "facts/s1_canary",
    "tree/canary",
    "arguments",
    "environment",
    "open file open",
)


def check_search(secrets: dict[str, str], cloud: dict[str, object]) -> None:
    """Plant leaks of every secret, and insist that each is found in each place."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, cloud, secrets)
        watch = Watch(folder)
        plant(folder, [*secrets.values()], watch)
        output = run("planted.yml", folder, ANSIBLE_CALLBACK_RESULT_FORMAT="yaml")
        sought = {kind: telling(secret) for kind, secret in secrets.items()}
        found: dict[str, set[str]] = {}
        for place, names in search(output, watch, folder, sought):
            found.setdefault(place.split(" (")[0], set()).update(names)
    for place in PLANTED:
        assert found.get(place) == set(secrets), (place, found)


def plant(folder: Path, values: list[str], watch: Watch) -> None:
    """Give all secrets to a process, and to a file that everybody may read."""
    path = folder / "tmp" / "open"
    path.write_text(urllib.parse.quote("&".join(values)))
    path.chmod(0o644)
    child = subprocess.Popen(
        [sys.executable, "-c", "input()", *values],
        env={"FOLDER": str(folder), "SECRETS": json.dumps(values)},
        stdin=subprocess.PIPE,
    )
    watch.look()
    child.communicate(b"\n")
    path.unlink()


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
            with Watch(folder) as watch:
                output = run("playbook.yml", folder, IC_API_KEY=key)
                output += run("refused.yml", folder, status=2)
            made = {path.name: path.read_text() for path in folder.glob("auth/*.key")}
            sought = {
                kind: telling(secret) for kind, secret in {**secrets, **made}.items()
            }
            found = [*search(output, watch, folder, sought)]
    for program in SEEN:
        assert any(program in each for each in watch.arguments), program
    leaks = sorted({(place, *sorted(kinds)) for place, kinds in found if kinds})
    for place, *kinds in leaks:
        say(f"LEAK in {place}: {', '.join(kinds)}")
    say(f"canary searches {len(found) * len(sought)}  leaks {len(leaks)}")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
