# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import importlib
from pathlib import Path
from types import CodeType, ModuleType

import pytest


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.setenv("KEEP_NO_BYTECODE", "1")
    found = importlib.import_module(
        "ansible_collections.icr.access.tests.tools.keep_bytecode"
    )
    monkeypatch.setattr(found, "FOLDER", str(tmp_path / "bytecode"))
    return found


@pytest.fixture
def compiled(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was really compiled."""
    paths: list[str] = []

    def compile_source(pathname: str, source: bytes) -> CodeType:
        paths.append(pathname)
        return compile(source, pathname, "exec")

    monkeypatch.setattr(tool, "_compile", compile_source)
    return paths


def value_of(code: CodeType) -> object:
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - compiled from the texts below
    return names["value"]


def test_compiles_once_wherever_the_archive_is(
    tool: ModuleType, compiled: list[str]
) -> None:
    for folder in ("/tmp/a.zip", "/tmp/b.zip"):
        code = tool.compile_or_load(f"{folder}/x.py", b"value = 1")
        assert value_of(code) == 1
    assert compiled == ["/tmp/a.zip/x.py"]


@pytest.mark.parametrize(
    "other", [("/a.zip/y.py", b"value = 1"), ("/a.zip/x.py", b"value = 2")]
)
def test_what_differs_is_compiled(
    tool: ModuleType, compiled: list[str], other: tuple[str, bytes]
) -> None:
    tool.compile_or_load("/a.zip/x.py", b"value = 1")
    tool.compile_or_load(*other)
    assert len(compiled) == 2


@pytest.mark.parametrize("content", [b"", b"no bytecode", b"i\x01\x00\x00\x00"])
def test_what_is_spoiled_is_compiled(
    tool: ModuleType, compiled: list[str], content: bytes
) -> None:
    tool.compile_or_load("/a.zip/x.py", b"value = 1")
    (kept,) = Path(tool.FOLDER).iterdir()
    kept.write_bytes(content)
    assert value_of(tool.compile_or_load("/a.zip/x.py", b"value = 1")) == 1
    assert len(compiled) == 2


def test_nowhere_to_keep_it(tool: ModuleType, compiled: list[str]) -> None:
    Path(tool.FOLDER).write_text("a file")
    assert value_of(tool.compile_or_load("/a.zip/x.py", b"value = 1")) == 1
