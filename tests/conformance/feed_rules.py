"""A validator of feeds: each element, attribute and value by the tables of feed_grammar.py; then feed_whole.py.

In:    the bytes of a document.
Out:   what is wrong with it, errors and warnings apart; the names are those of the W3C's feed validator.
Never: knows what makes our feeds. That it can be trusted is shown by the validator's own test cases
       (test_feed_rules.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import feed_values as values
from feed_grammar import (
    ATOM,
    ATTRIBUTES,
    EXTENSIONS,
    GRAMMAR,
    NUMBERS,
    ONCE,
    OPEN,
    PREFIXES,
    RELS,
    TEXT,
    TEXTS,
    VALUE,
    XHTML,
    XML,
    Found,
    short,
)  # fmt: skip
from feed_whole import RULES
from lxml import etree


def validate(body: bytes) -> list[Found]:
    """Return everything that is wrong with a document, as often as it is."""
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return [Found(what="SAXError", said=str(error))]
    kind = {f"{{{ATOM}}}feed": "atom", f"{{{ATOM}}}entry": "atom", "rss": "rss", "opml": "opml"}.get(root.tag)
    if kind is None:
        other = etree.QName(root)
        known = other.localname in ("feed", "rss", "opml") and other.namespace
        return [Found(what="InvalidNamespace" if known else "UndefinedElement", parent="root", element=other.localname)]
    return list(_Document(kind).look(root))


PAGE = Path(__file__).parents[2] / "docs/reference/output.md"
_LIST = PAGE.read_text("utf-8").partition("## What a validator may warn of")[2]
REASONED = frozenset(
    re.findall(r"`([A-Z]\w+)`", "".join(re.findall(r"^\| `.*", _LIST, re.MULTILINE)))
)  # warnings that may stay


def judged(documents: Mapping[str, bytes]) -> list[tuple[str, Found]]:
    """Return what is wrong with several documents, with their names."""
    return [(name, one) for name, body in documents.items() for one in validate(body)]


class _Document:
    def __init__(self, kind: str) -> None:
        self.kind, self.grammar = kind, GRAMMAR[kind]

    def look(self, root: etree._Element) -> Iterator[Found]:
        """Yield what is wrong below an element and in it."""
        for element in root.iter(etree.Element):
            if not self._in_markup(element):
                yield from self._element(element)
        for rule in RULES[self.kind]:
            yield from rule(root)

    def _in_markup(self, element: etree._Element) -> bool:
        """Whether it belongs to HTML, or to what another vocabulary has in it."""
        return any(self._foreign(one) for one in element.iterancestors())

    def _foreign(self, element: etree._Element) -> bool:
        name = self._name(element)
        return name == "atom:content" or name.split(":")[0] in ("xhtml", "") or name.split(":")[0] in OPEN

    def _name(self, element: etree._Element) -> str:
        """Return "vocabulary:element"; ":element" where nobody knows the vocabulary."""
        space, local = etree.QName(element).namespace, etree.QName(element).localname
        own = ATOM if self.kind == "atom" else None
        if space == own:
            return f"{self.kind}:{local}"
        return f"{PREFIXES.get(space or '', '')}:{local}"

    def _element(self, element: etree._Element) -> Iterator[Found]:
        name = self._name(element)
        vocabulary, _, local = name.partition(":")
        at = _place(element)
        if vocabulary == self.kind:
            yield from self._children(element, local, at)
            yield from self._attributes(element, name, at)
        elif not vocabulary:
            if etree.QName(element).namespace is None and self.kind == "rss":
                yield Found(what="UndefinedElement", **at)
        elif vocabulary in EXTENSIONS and local not in EXTENSIONS[vocabulary].split():
            yield Found(what="UndefinedElement", **at)
        if (base := element.get(f"{{{XML}}}base")) is not None and (wrong := values.link(base)):
            yield Found(what=wrong, parent=at["parent"], element="xml:base", said=base)
        if (lang := element.get(f"{{{XML}}}lang")) and values.language(lang):
            yield Found(what="InvalidLanguage", parent=at["parent"], element="xml:lang", said=lang)
        yield from self._text(element, name, at)

    def _children(self, element: etree._Element, local: str, at: dict[str, str]) -> Iterator[Found]:
        own = Counter(self._name(one) for one in element.iterchildren(etree.Element))
        for name, count in own.items():
            if name in ONCE and count > 1 and (name, local) != ("dc:date", "item"):
                yield Found(what="DuplicateElement", parent=local, element=name)
        if rule := self.grammar.get(local):
            yield from self._counted(own, {one[:-1]: one[-1] for one in rule.split()}, local)
            if (element.text or "").strip() or any((one.tail or "").strip() for one in element):
                yield Found(what="UnexpectedText", **at)
        elif self.kind != "atom" or local not in (*TEXTS, "content"):
            for name in own:
                if name.startswith(f"{self.kind}:"):
                    yield Found(what="UndefinedElement", parent=local, element=name.partition(":")[2])

    def _counted(self, own: Counter[str], allowed: Mapping[str, str], parent: str) -> Iterator[Found]:
        for name, count in own.items():
            vocabulary, _, child = name.partition(":")
            if vocabulary == self.kind and child not in allowed:
                yield Found(what="UndefinedElement", parent=parent, element=child)
            elif vocabulary == self.kind and count > 1 and allowed[child] in "!?":
                yield Found(what="DuplicateElement", parent=parent, element=child)
        for child, often in allowed.items():
            if often in "!+" and not own[f"{self.kind}:{child}"]:
                yield Found(what=_missing(self.kind, parent, child), parent=parent, element=child)

    def _attributes(self, element: etree._Element, name: str, at: dict[str, str]) -> Iterator[Found]:
        local = name.partition(":")[2]
        rule = ATTRIBUTES.get(name)
        allowed = {one[:-1]: one[-1] for one in rule.split()} if rule else {}
        for key, said in element.attrib.items():
            if key.startswith("{"):
                continue
            if key not in allowed and self.kind != "opml":
                yield Found(what="UnexpectedAttribute", attr=key, **at)
            elif not said.strip() and name in ("atom:link", "atom:content", "atom:title") and key in ("title", "type"):
                yield Found(what="AttrNotBlank", attr=key, **at)
            elif (check := VALUE.get(f"{name}/{key}")) and (wrong := check(said)):
                yield Found(what=wrong, attr=key, said=said, **at)
        for key, often in allowed.items():
            if often == "!" and key not in element.attrib:
                what = "MissingHref" if name == "atom:link" else "MissingAttribute"
                yield Found(what=what, attr=key, **at)
        if local == "link" and self.kind == "atom":
            yield from _atom_link(element, at)

    def _text(self, element: etree._Element, name: str, at: dict[str, str]) -> Iterator[Found]:
        text = element.text or ""
        local = name.partition(":")[2]
        if self.kind == "atom" and local in (*TEXTS, "content") and name.startswith("atom:"):
            yield from _construct(element, local, at)
            return
        check = TEXT.get(name)
        if check is None or (len(element) and local != "name"):
            if name in ("rss:description", "content:encoded"):
                yield from _marked(text, at)
            return
        if not text.strip():
            if check is values.plain or name in NUMBERS:
                yield Found(what="NotBlank", **at)
            elif wrong := check(""):
                yield Found(what=wrong, **at)
            return
        if text != text.strip() and check in (values.rfc3339, values.identifier, values.link):
            yield Found(what="UnexpectedWhitespace", **at)
            text = text.strip()
        if wrong := check(text.strip() if check is not values.rfc3339 else text):
            yield Found(what=wrong, said=text, **at)


def _place(element: etree._Element) -> dict[str, str]:
    parent = element.getparent()
    name = short(element)
    return {"parent": "" if parent is None else short(parent), "element": name}


def _missing(kind: str, parent: str, child: str) -> str:
    if kind == "atom" and parent == "source":
        return "MissingSourceElement"
    if kind == "rss" and child in ("title", "link", "description"):
        return f"Missing{child.title()}"
    return "MissingElement"


# --- Atom ---------------------------------------------------------------------------------------------------------


def _construct(element: etree._Element, local: str, at: dict[str, str]) -> Iterator[Found]:
    """A text construct, or the content (RFC 4287, sections 3.1 and 4.1.3)."""
    type_, text, inner = element.get("type", "text"), element.text or "", list(element.iterchildren(etree.Element))
    yield from _type(element, type_, local, at)
    if local == "content" and element.get("src") is not None:
        if text.strip() or inner:
            yield Found(what="UndefinedElement", parent="content")
    elif type_ == "xhtml":
        if [one.tag for one in inner] != [f"{{{XHTML}}}div"] or text.strip():
            yield Found(what="MissingXhtmlDiv", **at)
        yield from _marked("".join(etree.tostring(one, encoding="unicode") for one in inner), at, "ContainsRelRef")
    elif inner and (type_ in ("text", "html") or type_.startswith("text/")):
        yield Found(what="UndefinedElement", parent=local, element=short(inner[0]))
    elif not text.strip() and local in ("title", "content") and not inner:
        yield Found(what="NotBlank", **at)
    elif type_ in ("html", "text/html"):
        yield from _marked(text, at)
    elif type_ in ("text", "text/plain") and (wrong := values.undeclared(text)):
        yield Found(what=wrong, **at)


def _type(element: etree._Element, type_: str, local: str, at: dict[str, str]) -> Iterator[Found]:
    if type_ in ("text", "html", "xhtml"):
        if element.get("src") is not None and "type" in element.attrib:
            yield Found(what="InvalidMIMEType", attr="type", **at)
    elif local != "content":
        yield Found(what="InvalidTextType" if "/" in type_ else "InvalidMIMEType", attr="type", **at)
    elif values.mime(type_) or type_.startswith("multipart/"):
        yield Found(what="InvalidMIMEType", attr="type", **at)


def _marked(text: str, at: dict[str, str], *but: str) -> Iterator[Found]:
    yield from (Found(what=wrong, **at) for wrong in sorted(set(values.html(text)) - {*but}))


def _atom_link(element: etree._Element, at: dict[str, str]) -> Iterator[Found]:
    if (element.text or "").strip():
        yield Found(what="AtomLinkNotEmpty", **at)
    rel = element.get("rel", "alternate")
    if rel not in RELS and not rel.startswith("http://www.iana.org/assignments/relation/") and ":" not in rel:
        yield Found(what="UnregisteredAtomLinkRel", attr="rel", said=rel, **at)
