"""Load the configuration: the order of the work, and the names of the files.

In:    the path that --config names, and the environment.
Out:   a Config, or ConfigError with every mistake of every file.
Never: prints, writes, or starts anything.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from aggregator.config.build import build
from aggregator.config.compare import compare_settings, compare_sources, compare_topics
from aggregator.config.document import Document, quote
from aggregator.config.files import reason
from aggregator.config.kinds import Known
from aggregator.config.queries import read_queries
from aggregator.config.read import read
from aggregator.config.schema import Settings, Sources
from aggregator.config.sentences import check
from aggregator.config.settings import Config
from aggregator.config.substitute import substitute
from aggregator.config.topic_keys import Topics
from aggregator.config.values import WrongError, listen
from aggregator.errors import ConfigError, Mistake

LISTEN = "AGGREGATOR_LISTEN"  # stands above `listen`: inside a container the file of a person does not know the address
OPEN_FILES = ("aggregator.yaml", "sources.yaml", "topics.yaml")  # their names say nothing of what is in them
A_SOURCE = 'Write `sources: {example: {url: "https://example.org/rss.xml"}}`.'
A_TOPIC = "Write `topics: {all: {title: Everything, match: 'age:<7d'}}`."


def load(path: Path, *, env: Mapping[str, str]) -> Config:
    """Return the configuration in a folder, or beside the aggregator.yaml that is given instead.

    Raises ConfigError with all mistakes, sorted by file and line.
    """
    try:
        settings_path, more = _find(path)
    except OSError as error:
        raise ConfigError([_unreachable(path, error)]) from error
    root = settings_path.parent

    def document(file: Path) -> Document:
        found = read(file)
        substitute(found, env=env, folder=root)
        return found

    settings_file, topics_file = document(settings_path), document(root / "topics.yaml")
    _overrule(settings_file, env.get(LISTEN))
    sources_files = [document(file) for file in (root / "sources.yaml", *more) if file.suffix == ".yaml"]

    settings = check(Settings, settings_file, Known())
    known = _known(settings_file, settings, sources_files, topics_file)
    sources = [(file, check(Sources, file, known)) for file in sources_files]
    topics = check(Topics, topics_file, known)
    queries = read_queries(topics_file, known)

    compare_settings(settings_file, settings)
    compare_sources(sources)
    compare_topics(topics_file, topics)
    _want(sources_files, "source", A_SOURCE)
    _want([topics_file], "topic", A_TOPIC)

    documents = [settings_file, *sources_files, topics_file]
    mistakes = [mistake for found in documents for mistake in found.mistakes] + list(_misnamed(root, more))
    if mistakes:
        raise ConfigError(mistakes)
    files = tuple(path for found in documents if found.found and _holds(path := Path(found.file)))
    beside = tuple(path for found in documents for path in found.beside)
    return build(settings, sources, topics, queries, topics_file=topics_file, files=files, beside=beside, root=root)


def refuse_lost(before: Config, now: Config) -> None:
    """Raise ConfigError where a file is gone, or empty, that was neither before: it is about to be written anew.

    What is left without it may well be a right configuration, of other sources and topics. A file of sources.d may go.
    """
    mistakes = [
        _lost(file, "it is empty" if file.exists() else "it is gone")
        for file in before.files
        if file not in now.files and (file.exists() or file.parent == before.root)
    ]
    if mistakes:
        raise ConfigError(mistakes)


def _holds(file: Path) -> bool:
    """Whether anything is in a file."""
    try:
        return file.stat().st_size > 0
    except OSError:
        return False


def _lost(file: Path, problem: str) -> Mistake:
    hint = "Restart the daemon if you mean that."
    return Mistake(file=str(file), line=1, column=1, path="", problem=f"{problem}, and was not before.", hint=hint)


def _overrule(settings: Document, address: str | None) -> None:
    """Put AGGREGATOR_LISTEN, where that is set, in the place of what the file says."""
    if not address or not isinstance(settings.value, dict):
        return
    try:
        settings.value = settings.value | {"listen": listen(address)}
    except WrongError as error:
        settings.blame(("listen",), error.problem.replace("{here}", quote(f"${{{LISTEN}}}")), error.hint)


def _find(path: Path) -> tuple[Path, list[Path]]:
    """Return aggregator.yaml and the files of sources.d. Raises OSError where one cannot look."""
    settings = path / "aggregator.yaml" if stat.S_ISDIR(path.stat().st_mode) else path
    try:
        more = sorted((settings.parent / "sources.d").iterdir())
    except FileNotFoundError:
        more = []
    # Editors keep their own files beside ours, with a dot in front.
    return settings, [file for file in more if not file.name.startswith(".")]


def _unreachable(path: Path, error: OSError) -> Mistake:
    problem, hint = f"it cannot be read: {reason(error)}.", ""
    if isinstance(error, FileNotFoundError):
        problem = "there is no such file or folder."
        hint = "Name the folder of your configuration with --config, or copy the example folder config/ there."
    return Mistake(file=str(error.filename or path), line=1, column=1, path="", problem=problem, hint=hint)


def _known(settings_file: Document, settings: Settings, sources: Iterable[Document], topics: Document) -> Known:
    """Return the names that exist, right or wrong inside; None where a file could not be read."""
    sources = list(sources)
    readable = all(file.readable for file in sources)
    below = {"group": "groups", "owner": "owners", "source": "sources"}
    names = {
        kind: frozenset(name for file in sources for name in file.names(key)) if readable else None
        for kind, key in below.items()
    }
    names["egress"] = frozenset(settings_file.names("egress")) if settings_file.readable else None
    own = {"section": "sections", "rule": "rules", "topic": "topics"}
    names |= {kind: frozenset(topics.names(key)) if topics.readable else None for kind, key in own.items()}
    return Known(names=names, floor=None if settings_file.mistakes else settings.poll.floor)


def _want(files: list[Document], kind: str, example: str) -> None:
    """Complain where nothing at all is configured, unless a mistake there says why."""
    if not any(file.mistakes or file.names(f"{kind}s") for file in files):
        first = next((file for file in files if file.found), files[0])
        first.blame((), f"no {kind} is configured.", example)


def _misnamed(root: Path, more: Iterable[Path]) -> Iterable[Mistake]:
    """Find files that a person thinks we read."""
    beside = [root / f"{name}.yml" for name in ("aggregator", "sources", "topics")]
    for file in (*(file for file in beside if file.exists()), *(file for file in more if file.suffix == ".yml")):
        hint = f"Call it {file.stem}.yaml."
        yield Mistake(file=str(file), line=1, column=1, path="", problem="this file is not read.", hint=hint)


def refusal(error: ConfigError) -> str:
    """Return what probes say of it, which answer everybody: where, not what, for that may be about a private source."""
    first = error.mistakes[0]
    name = Path(first.file).name
    where = f"{name}:{first.line}:{first.column}" if name in OPEN_FILES else "another file"
    return f"the configuration on disk is refused, the last good one is in force: {where} (aggregator check says more)"
