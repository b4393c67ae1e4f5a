"""The library that cleans HTML, as it were with a fault: some words end, or hold, the process that cleans them.

Stands before the real one on PYTHONPATH.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path

HERE = str(Path(__file__).parent)

ours = sys.modules.pop("nh3")
sys.path.remove(HERE)
real = importlib.import_module("nh3")
sys.path.insert(0, HERE)
sys.modules["nh3"] = ours


def deeper():
    deeper()


EFFECTS = {
    "яд: конец": os.abort,  # as a library in C that writes where it must not
    "яд: глубина": deeper,
    "яд: память": lambda: bytearray(2 * 1024**3),
    "яд: вечность": lambda: time.sleep(3600),
}


class Cleaner:
    def __init__(self, **options):
        self._cleaner = real.Cleaner(**options)

    def clean(self, text):
        for words, effect in EFFECTS.items():
            if words in text:
                effect()
        return self._cleaner.clean(text)
