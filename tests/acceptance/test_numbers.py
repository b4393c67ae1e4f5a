"""/metrics of the real daemon: what it did is counted, what the store holds is measured, a refused reload shows."""

from __future__ import annotations

import signal

from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one,two"}}


def numbers(daemon) -> dict[str, float]:
    lines = [line for line in daemon.get("/metrics").text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_daemon_says_in_numbers_what_it_did_and_how_things_stand(place):
    with Origin() as origin:
        well = origin.serve("/1.xml", document(["Мост открыт", "Дорога закрыта"]))
        sources = {"one": {"url": well}, "two": {"url": well.replace("127.0.0.1", "127.0.0.2") + ".missing"}}
        place.write(sources, TOPICS)
        with place.start() as daemon:
            daemon.wait_for(lambda: daemon.told("source.polled") and daemon.told("source.failed"), "both polls")
            daemon.wait_for(lambda: daemon.told("topic.published", entries=2), "the topic")
            daemon.get("/feeds/all.atom")
            found = numbers(daemon)
            expected = {
                'polls_total{ended="changed"}': 1,
                'polls_total{ended="failed"}': 1,
                'items_total{change="new"}': 2,
                "items_curated_total": 2,
                "poll_seconds_count": 2,
                'http_answers_total{kind="feed",status="2xx"}': 1,
                'sources{state="well"}': 1,
                'sources{state="failing"}': 1,
                "items_uncurated": 0,
                "store_ok": 1,
                "config_ok": 1,
            }
            assert {name: found[f"aggregator_{name}"] for name in expected} == expected
            assert found["aggregator_publications_total"] >= 1
            assert found["aggregator_fetched_bytes_total"] > 500
            assert found["aggregator_store_bytes"] > 4096
            assert not [name for name in found if "127.0.0" in name or "Мост" in name or '"one"' in name]

            for topics, reload_ok in (({"all": {"match": "sorce:one"}}, 0), (TOPICS, 1)):
                place.write(sources, topics)
                daemon.process.send_signal(signal.SIGHUP)
                daemon.wait_for(lambda ok=reload_ok: numbers(daemon)["aggregator_config_ok"] == ok, "the reload")


def test_a_source_that_believes_whoever_answers_is_a_number_and_a_word(place):
    with Origin() as origin:
        url = origin.serve("/1.xml", document(["Мост открыт"]))
        checked, blind = {"one": {"url": url}}, {"one": {"url": url, "verify": False}}
        topics = {"all": {"match": "source:one"}}
        place.write(blind, topics)
        with place.start() as daemon:
            daemon.wait_for(lambda: daemon.told("source.polled"), "the poll")
            assert numbers(daemon)["aggregator_sources_unverified"] == 1
            assert "Certificates are not checked (`verify: false`): one." in place.command("status").stdout
            assert "its certificate is not checked (`verify: false`)" in place.command("status", "one").stdout
            assert [row["verify"] for row in place.json("status")] == [False]
            assert place.json("status", "one")["verify"] is False
            place.write(checked, topics)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(lambda: numbers(daemon)["aggregator_sources_unverified"] == 0, "the reload")
        assert "ertificate" not in place.command("status").stdout + place.command("status", "one").stdout
