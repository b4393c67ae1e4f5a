"""${NAME} and ${file:PATH}: what is put in, and that nobody ever reads it in a message (content.md A56)."""

from __future__ import annotations

import pytest

SECRET = "hunter2"
DATABASE = {"aggregator.yaml": "database: postgresql://me:${DB_PASSWORD}@db.example/news\n"}


def test_a_variable_of_the_environment_is_put_in(loaded):
    assert loaded(DATABASE, DB_PASSWORD=SECRET).database == f"postgresql://me:{SECRET}@db.example/news"


def test_a_file_beside_the_configuration_is_put_in_without_its_last_line_break(loaded):
    files = {"aggregator.yaml": "database: ${file:secrets/db}\n", "secrets/db": f"postgresql://me:{SECRET}@db/n\n"}
    assert loaded(files).database == f"postgresql://me:{SECRET}@db/n"


def test_a_number_may_come_from_the_environment(loaded):
    files = {"aggregator.yaml": "poll: {at_once: '${N}', floor: '${FLOOR}'}\n"}
    config = loaded(files, N="7", FLOOR="20m")
    assert config.at_once == 7


def test_what_was_put_in_is_not_looked_into_again(loaded):
    files = {"sources.yaml": "sources: {one: {url: 'https://one.example/', title: 'a ${A} b ${B}'}}\n"}
    assert loaded(files, A="${B}", B="x").sources["one"].title == "a ${B} b x"


def test_a_dollar_alone_and_a_key_are_left_alone(loaded):
    files = {
        "sources.yaml": "sources: {one: {url: 'https://one.example/', title: '$A $', map: {section: {'${A}': donbas}}}}"
    }
    source = loaded(files, A="x").sources["one"]
    assert (source.title, source.section_map) == ("$A $", {"${A}": "donbas"})


def test_the_configuration_does_not_print_the_database(loaded):
    assert SECRET not in repr(loaded(DATABASE, DB_PASSWORD=SECRET))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        pytest.param("aggregator.yaml", "database: ${S}\n", id="database"),
        pytest.param("aggregator.yaml", "listen: ${S}\n", id="listen"),
        pytest.param("aggregator.yaml", "public_url: ${S}\n", id="public_url"),
        pytest.param("aggregator.yaml", "authority: ${S}/\n", id="authority"),
        pytest.param("aggregator.yaml", "contact: ${S}\n", id="contact"),
        pytest.param("aggregator.yaml", "poll: {floor: '${S}'}\n", id="duration"),
        pytest.param("aggregator.yaml", "poll: {at_once: '${S}'}\n", id="number"),
        pytest.param("aggregator.yaml", "hosts: ${S}\n", id="keys"),
        pytest.param("aggregator.yaml", "allow_private: ['${S}']\n", id="network"),
        pytest.param("sources.yaml", "sources: {one: {url: '${S}'}}\n", id="url"),
        pytest.param("sources.yaml", "sources: {one: {url: 'https://me:${S}@one.example/'}}\n", id="password"),
        pytest.param("sources.yaml", "sources: {one: {url: 'https://o.example/', zone: '${S}'}}\n", id="zone"),
        pytest.param("sources.yaml", "sources: {one: {url: 'https://o.example/', language: '${S}'}}\n", id="language"),
        pytest.param("sources.yaml", "sources: {one: {url: 'https://o.example/', section: '${S}'}}\n", id="section"),
        pytest.param("sources.yaml", "groups: {a: {sources: ['${S}']}}\nsources: {}\n", id="source in a group"),
        pytest.param("topics.yaml", "topics: {all: {match: 'rule:${S}'}}\n", id="name in a query"),
        pytest.param("topics.yaml", "topics: {all: {match: 'age:${S}'}}\n", id="value in a query"),
        pytest.param("topics.yaml", "topics: {all: {match: {any: [{rule: '${S}'}]}}}\n", id="nested query"),
        pytest.param("topics.yaml", "topics: {all: {match: 'lang:ru', fold: '${S}'}}\n", id="fold"),
    ],
)
def test_no_message_shows_what_was_put_in(mistakes, file, text):
    told = mistakes({file: text}, S=SECRET)
    assert told
    assert SECRET not in "\n".join(told)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param("${S}", "the environment has no S. Set it before the start, or use ${file:PATH}.", id="not set"),
        pytest.param("${SECRTE}", 'the environment has no SECRTE. Did you mean "SECRET"?', id="misspelt"),
        pytest.param("${file:no}", 'there is no file "no".', id="no such file"),
        pytest.param("${file:}", '"" cannot be read: it is not a regular file.', id="no name"),
        pytest.param("${file:loop}", '"loop" cannot be read: too many levels of symbolic links.', id="loop"),
        pytest.param("${file:raw}", '"raw" is no UTF-8 text file.', id="not UTF-8"),
        pytest.param("${file:long}", '"long" cannot be read: it is larger than 64,000 bytes.', id="too large"),
        pytest.param(
            "${file:bell}", 'what "${file:bell}" stands for holds a character that no text may hold.', id="control"
        ),
        pytest.param(
            "${env:S}",
            '"${env:S}" is neither ${NAME} nor ${file:PATH}. A name has letters, digits and _.',
            id="another way of writing",
        ),
    ],
)
def test_what_cannot_be_put_in_is_told_once(mistakes, tmp_path, value, said):
    (tmp_path / "loop").symlink_to("loop")
    files = {"aggregator.yaml": f"contact: '{value}'\n", "raw": b"\xff", "long": "x" * 70_000, "bell": "\x07"}
    told = [line.replace(str(tmp_path), "") for line in mistakes(files, SECRET=SECRET)]
    assert told == [f"aggregator.yaml:1:10  contact: {said}"]


def test_a_wrong_address_in_the_environment_is_told_by_its_name(mistakes):
    (told,) = mistakes({}, AGGREGATOR_LISTEN=SECRET)
    assert told.endswith('here stands "${AGGREGATOR_LISTEN}". Write it like 127.0.0.1:8080.')
