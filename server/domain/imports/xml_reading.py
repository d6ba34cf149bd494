"""XML that somebody found somewhere, read in small pieces and within bounds; entities of its own are refused."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from server.domain.imports.report import Code, UnreadableFile, Value

DEPTH_LIMIT = 32
ELEMENTS_LIMIT = 20_000
TEXT_LIMIT = 16_000
TOKEN_LIMIT_BYTES = 64 * 1024
"""Of one tag or comment, which the library reads again from its beginning with each piece that comes."""
PIECE_BYTES = 4096


@dataclass(slots=True)
class Element:
    name: str
    children: list[Element] = field(default_factory=list["Element"])
    pieces: list[str] = field(default_factory=list[str])
    length: int = 0

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name)

    def find(self, *path: str) -> Element | None:
        found: Element | None = self
        for name in path:
            found = None if found is None else next(found.all(name), None)
        return found

    def text_of(self, *path: str) -> str:
        """Empty where there is no such element."""
        found = self.find(*path)
        return "" if found is None else found.text


class _Refused(Exception):
    """Stops the library within one of its calls."""

    def __init__(self, code: Code, **values: Value) -> None:
        super().__init__(code)
        self.code: Code = code
        self.values = values


class _Tree:
    def __init__(self) -> None:
        self.root: Element | None = None
        self.quiet_bytes = 0
        self._open: list[Element] = []
        self._elements = 0

    def begin(self, name: str, _attributes: object) -> None:
        self.quiet_bytes = 0
        self._elements += 1
        if self._elements > ELEMENTS_LIMIT:
            raise _Refused("xml_large")
        if len(self._open) == DEPTH_LIMIT:
            raise _Refused("xml_deep", limit=DEPTH_LIMIT)
        element = Element(name)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self.quiet_bytes = 0
        self._open.pop()

    def characters(self, text: str) -> None:
        self.quiet_bytes = 0
        element = self._open[-1]
        if element.length < TEXT_LIMIT:
            element.pieces.append(text)
            element.length += len(text)

    def other(self, *_what: object) -> None:
        self.quiet_bytes = 0


def read_xml(text: str) -> Generator[None, None, Element | UnreadableFile]:
    tree = _Tree()
    # What the file says of its encoding does not hold any more: it is text by now.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = tree.begin
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.characters
    parser.CommentHandler = tree.other
    parser.ProcessingInstructionHandler = tree.other
    parser.StartDoctypeDeclHandler = _refuse_subset
    parser.EntityDeclHandler = _refuse_entities
    try:
        for start in range(0, len(text), PIECE_BYTES):
            piece = text[start : start + PIECE_BYTES].encode()
            tree.quiet_bytes += len(piece)
            parser.Parse(piece, False)
            if tree.quiet_bytes > TOKEN_LIMIT_BYTES:
                return UnreadableFile("xml_large")
            yield
        parser.Parse(b"", True)
    except _Refused as refused:
        return UnreadableFile(refused.code, {**refused.values, "line": parser.CurrentLineNumber})
    except expat.ExpatError as error:
        return UnreadableFile("xml_broken", {"line": error.lineno})
    return tree.root or UnreadableFile("xml_broken", {"line": 1})


def _refuse_subset(_name: str, _system_id: object, _public_id: object, has_subset: int) -> None:
    if has_subset:
        raise _Refused("xml_entities")


def _refuse_entities(*_what: object) -> None:
    raise _Refused("xml_entities")
