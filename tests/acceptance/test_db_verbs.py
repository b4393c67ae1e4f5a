"""db check, stats, prune, upgrade and copy, as a person types them: beside a daemon, and without one."""

from __future__ import annotations

from sample import document

from aggregator.lab.origin import Origin

TOPICS = {"all": {"title": "Всё", "match": "source:one"}}


def test_what_the_verbs_say_beside_a_daemon(place, tmp_path):
    with Origin() as origin:
        place.write({"one": {"url": origin.serve("/1.xml", document(["Мост открыт", "Дорога закрыта"]))}}, TOPICS)
        empty = place.json("db", "upgrade")
        assert (empty["before"], empty["steps"][0], empty["steps"][-1]) == (None, "0001", empty["now"])
        with place.start() as daemon:
            daemon.wait_for(lambda: daemon.told("topic.published", entries=2), "the topic")
            whole = place.command("db", "check")
            assert (whole.returncode, whole.stdout.startswith("The store is whole")) == (0, True)
            said = place.command("db", "stats").stdout
            assert "Retention (180d) would take 0 items now" in said
            assert place.json("db", "prune", "--older", "90d")["items"] == 0
            assert place.command("db", "prune", "--dry-run").stdout == "0 items would go; nothing was removed.\n"
            refused = place.command("db", "prune", "--older", "5d")
            assert (refused.returncode, "at least 30d" in refused.stderr) == (2, True)
            assert place.command("db", "upgrade").stdout.endswith("as this program wants it.\n")
        copied = place.command("db", "copy", "--to", f"sqlite:///{tmp_path / 'other.db'}")
        assert "2 items among them; counts and checksums agree." in copied.stdout
