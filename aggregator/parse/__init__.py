"""Parse: bytes in, clean items out.

    bytes -> encoding -> document -> feed | json_feed -> finish (dates links markup identity) -> Parsed

In:    a body as it came, with its address, its Content-Type and the source's zone.
Out:   Parsed: items that are safe to store and to print, and the flaws that were worked around; or a ParseError.
Never: fetches, stores, logs, or lets a document take the daemon down: `Workers` reads it in a process of its own.
"""

from aggregator.parse.pool import Workers

__all__ = ["Workers"]
