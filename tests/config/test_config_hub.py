"""Our own hub is open unless it is closed; hubs of others are named."""

from __future__ import annotations

import pytest


def test_our_hub_is_open_and_nobody_else_is_told(loaded):
    config = loaded({})
    assert (config.hub, config.hubs) == ("on", ())


def test_it_can_be_closed_and_others_be_told_each_once(loaded):
    hubs = "hub: off\nhubs: ['https://hub.example/', 'http://10.0.0.1/hub', 'https://hub.example/']\n"
    config = loaded({"aggregator.yaml": hubs})
    assert (config.hub, config.hubs) == ("off", ("https://hub.example/", "http://10.0.0.1/hub"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("hub: maybe\n", "aggregator.yaml:1:6  hub: ", id="no switch"),
        pytest.param("hubs: [hub.example]\n", "aggregator.yaml:1:8  hubs, item 1: ", id="no address"),
        pytest.param("hubs: ['https://me:pw@hub.example/']\n", "aggregator.yaml:1:8  hubs, item 1: ", id="a login"),
    ],
)
def test_what_is_no_hub_is_refused_with_its_place(mistakes, text, said):
    [mistake] = mistakes({"aggregator.yaml": text})
    assert mistake.startswith(said)
