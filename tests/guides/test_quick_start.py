# Copyright: Contributors to the icr.access project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: Contributors to the icr.access project

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.icr.access.tests.guides.conftest import Reader
from ansible_collections.icr.access.tests.guides.pages import read_page
from ansible_collections.icr.access.tests.guides.test_guides import told

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "quick_start"
LANGUAGES = ("en", "fr", "ja", "zh_hans", "zh_hant")
OTHERS = LANGUAGES[1:]


def text_of(language: str) -> str:
    return (FOLDER / f"{language}.md").read_text(encoding="utf-8")


def code_of(language: str) -> list[str]:
    """What is the same in all languages: blocks of code, what is named as such, where links
    lead."""
    text = text_of(language)
    blocks = re.findall(r"^```.*?^```$", text, re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    links = re.findall(r"\]\((\.\./[^)]+)\)", rest)
    return [*blocks, *re.findall(r"`[^`\n]+`", rest), *links]


def test_every_page_is_there() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted(LANGUAGES)


def test_it_can_be_followed(reader: Reader) -> None:
    page = read_page(text_of("en"))
    done = reader.follow(page)
    if not done[-1].has_shown_what_it_is_to_show():
        pytest.fail(told(done), pytrace=False)
    assert len(done) == len(page.commands)
    shown = "".join(each.output for each in done)
    assert "iamapikey, valid: True" in shown
    assert reader.secrets_in(shown) == []


@pytest.mark.parametrize("language", OTHERS)
def test_code_is_that_of_the_english_page(language: str) -> None:
    assert code_of(language) == code_of("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_has_all_sections_and_leads_to_all_others(language: str) -> None:
    text = text_of(language)
    assert text.count("\n## ") == text_of("en").count("\n## ")
    others = {f"{each}.md" for each in LANGUAGES if each != language}
    assert set(re.findall(r"\]\(([a-z_]+\.md)\)", text)) == others
    for target in re.findall(r"\]\((\.\./[^)#]+)", text):
        assert (FOLDER / target).exists(), target
