"""A folder of configuration, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aggregator.config import Config, load
from aggregator.errors import ConfigError

GOOD = {
    "sources.yaml": "sources: {one: {url: 'https://one.example/rss'}}\n",
    "topics.yaml": "sections: {donbas: {}}\ntopics: {all: {match: 'lang:ru'}}\n",
}

Load = Callable[..., Config]
Mistakes = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Mapping[str, str | bytes | None]], Path]:
    """Write a good configuration with some of its files replaced (None: left out)."""

    def write(files: Mapping[str, str | bytes | None]) -> Path:
        for name, text in {**GOOD, **files}.items():
            if text is None:
                continue
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return tmp_path

    return write


@pytest.fixture
def loaded(folder) -> Load:
    """Load a good configuration with some of its files replaced."""

    def run(files: Mapping[str, str | bytes | None], **env: str) -> Config:
        return load(folder(files), env=env)

    return run


@pytest.fixture
def mistakes(folder) -> Mistakes:
    """Return what is wrong with it, as printed, without the folder's name."""

    def run(files: Mapping[str, str | bytes | None], **env: str) -> list[str]:
        root = folder(files)
        with pytest.raises(ConfigError) as caught:
            load(root, env=env)
        return [str(mistake).replace(f"{root}/", "") for mistake in caught.value.mistakes]

    return run
