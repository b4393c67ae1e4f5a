"""Small feeds of invented news, and pages that are none."""

from __future__ import annotations

CHALLENGE = b"<!DOCTYPE html><title>Just a moment...</title><p>Checking that you are not a robot.</p>"


def rss(*news: int, inside: str = "", site: str = "https://outlet.example") -> bytes:
    """Return a document with these news, by number; inside: more elements of its channel."""
    items = "".join(
        f"<item><guid>news-{n}</guid><title>Новость {n}</title><link>{site}/news/{n}</link></item>" for n in news
    )
    namespaces = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"'
    channel = f"<channel><title>Вестник</title><link>{site}/</link>{inside}{items}</channel>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {namespaces}>{channel}</rss>'.encode()


def atom(*news: int, inside: str = "", site: str = "https://outlet.example") -> bytes:
    """Return the same as Atom."""
    entries = "".join(
        f"<entry><id>{site}/news/{n}</id><title>Новость {n}</title><updated>2026-03-01T12:00:00Z</updated></entry>"
        for n in news
    )
    head = f"<id>{site}/</id><title>Вестник</title><updated>2026-03-01T12:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{inside}{entries}</feed>'.encode()


def page(*feeds: str) -> bytes:
    """Return an HTML page that names these feeds."""
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{url}">' for url in feeds)
    head = f"<head><title>Вестник</title>{links}</head>"
    return f"<!DOCTYPE html><html>{head}<body><p>Тут страница.</p></body></html>".encode()


ARTICLE = "Большая вода идёт по реке к городу"


def article(number: int) -> bytes:
    """Return the page of an article."""
    paragraphs = "".join(f"<p>{part}. {f'{ARTICLE}, и берега ждут её. ' * 9}</p>" for part in range(5))
    head = f"<head><meta charset=utf-8><title>Новость {number}</title></head>"
    return f"<!DOCTYPE html><html>{head}<body><article>{paragraphs}</article></body></html>".encode()
