#!/usr/bin/env python3
"""Computes schemas (FORMAT 8) from definitions of types, independently of the library. Python 3.9, nothing else.

A type is written as JSON-like data:
    "u64"                          a leaf
    "Tree"                         a definition, by its name, which does not count
    {"option": T}  {"list": T}  {"map": [K, V]}  {"tuple": [T, ...]}  {"array": [T, n]}
    {"struct": [[name, T], ...]}   {"enum": [[name], [name, T], ...]}

    schema.py                       prints the worked examples
    schema.py check FILE            compares them with a file of lines `name description schema`
    schema.py '{"list": "u8"}'      prints the schema of one type
"""

import hashlib
import json
import sys

LEAVES = set("bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str bytes".split())
SCHEMA, PINNED = b"sealed-session/schema/v2:", b"sealed-session/pinned/v2:"
UNIT = {"tuple": []}


def fingerprint(text, domain=SCHEMA):
    return hashlib.sha256(domain + text.encode()).hexdigest()[:10]


class Tree:
    """A type and its definitions as nodes (label, children), and which of them are equal."""

    def __init__(self, root, definitions):
        self.definitions, self.named, self.nodes = definitions, {}, []
        self.root = self.node(root)
        self.classes = self.partition()

    def node(self, type_):
        if isinstance(type_, str) and type_ not in LEAVES:
            if type_ not in self.named:
                # The number is fixed before what is within is looked at, which may name it again.
                self.named[type_] = len(self.nodes)
                return self.add(self.definitions[type_])
            return self.named[type_]
        return self.add(type_)

    def add(self, type_):
        number = len(self.nodes)
        self.nodes.append(None)
        if isinstance(type_, str):
            if type_ not in LEAVES:
                raise ValueError(f"{type_} is defined as another name")
            self.nodes[number] = (type_, [], [])
            return number
        (kind, of), = type_.items()
        names = []
        if kind in ("option", "list"):
            of = [of]
        elif kind == "array":
            kind, of = "tuple", [of[0]] * of[1]
        elif kind in ("struct", "enum"):
            names = [entry[0] for entry in of]
            of = [entry[1] if len(entry) > 1 else UNIT for entry in of]
        self.nodes[number] = (kind, names, [self.node(part) for part in of])
        return number

    def partition(self):
        """Begins with all in one class, and parts them until no class parts any more."""
        classes, count = [0] * len(self.nodes), 1
        while True:
            kinds = {}
            classes = [
                kinds.setdefault((kind, tuple(names), tuple(classes[part] for part in of)), len(kinds))
                for kind, names, of in self.nodes
            ]
            if len(kinds) == count:
                return classes
            count = len(kinds)

    def describe(self, fields=None):
        self.opened, self.open, self.said = 0, {}, {}
        if fields is None:
            return self.text(self.root)
        kind, names, of = self.nodes[self.root]
        assert kind == "struct"
        self.opened = 1
        return "{" + self.parts(names[:fields], of[:fields], ",") + "}"

    def text(self, number):
        kind, names, of = self.nodes[number]
        if kind in LEAVES:
            return kind
        class_ = self.classes[number]
        if class_ in self.open or class_ in self.said:
            return f"#{self.open.get(class_, self.said.get(class_))}"
        self.open[class_] = self.opened
        if kind in ("struct", "enum"):
            self.said[class_] = self.opened
        self.opened += 1
        text = self.compound(kind, names, of)
        del self.open[class_]
        return text

    def compound(self, kind, names, of):
        if kind == "option":
            return "?" + self.text(of[0])
        if kind == "list":
            return "[" + self.text(of[0]) + "]"
        if kind == "map":
            return "[" + self.text(of[0]) + ":" + self.text(of[1]) + "]"
        if kind == "struct":
            return "{" + self.parts(names, of, ",") + "}"
        if kind == "enum":
            return "<" + self.parts(names, of, "|") + ">"
        if len(of) > 1 and len({self.classes[part] for part in of}) == 1:
            return f"({self.text(of[0])};{len(of)})"
        return "(" + ",".join(self.text(part) for part in of) + ")"

    def parts(self, names, of, separator):
        texts = []
        for name, part in zip(names, of):
            kind, _, inner = self.nodes[part]
            is_bare = separator == "|" and kind == "tuple" and not inner
            texts.append(escape(name) + ("" if is_bare else ":" + self.text(part)))
        return separator.join(texts)


def escape(name):
    return "".join(
        chr(byte) if chr(byte) in "_" or (byte < 128 and chr(byte).isalnum()) else f"%{byte:02x}"
        for byte in name.encode()
    )


def describe(type_, definitions=None, fields=None):
    return Tree(type_, definitions or {}).describe(fields)


def struct(**fields):
    return {"struct": [[name, of] for name, of in fields.items()]}


DEFINITIONS = {
    "Visitor": struct(user={"option": "u64"}, roles={"list": "str"}, flash={"map": ["str", "str"]}),
    "Duration": struct(secs="u64", nanos="u32"),
    "IpAddr": {"enum": [["V4", {"array": ["u8", 4]}], ["V6", {"array": ["u8", 16]}]]},
    "Role": {"enum": [
        ["Guest"], ["Member", "u64"], ["Pair", {"tuple": ["u8", "str"]}],
        ["Staff", struct(team={"option": "str"}, until={"option": "Duration"})],
    ]},
    "Address": struct(street="str", zip="str"),
    "Order": struct(billing="Address", shipping={"option": "Address"}, others={"list": "Address"}),
    "Tree": struct(children={"list": "Tree"}, id="u8"),
    "OldTree": struct(children={"list": "OldTree"}),
    "Menu": struct(items={"map": ["str", "Menu"]}),
    "Nest": {"list": "Nest"},
    "Term": {"enum": [["Nil"], ["Not", "Term"], ["And", {"tuple": ["Term", "Term"]}], ["All", struct(of={"list": "Term"})]]},
    "List": struct(value="u8", next={"option": "More"}),
    "More": struct(value="u8", next={"option": "More"}),
    "Here": struct(there={"option": "There"}, id="u8"),
    "There": struct(here={"list": "Here"}, id="u16"),
    "Odd": struct(**{"": "u8", "first name": "u8", "a:u8,b": "u8", "größe": "u8"}),
}

EXAMPLES = [
    ("leaf", "u64", None),
    ("unit", UNIT, None),
    ("map of texts", {"map": ["str", "str"]}, None),
    ("bytes", "bytes", None),
    ("list of u8", {"list": "u8"}, None),
    ("array", {"array": ["u8", 32]}, None),
    ("array of one", {"array": ["u8", 1]}, None),
    ("tuple", {"tuple": ["u8", "str", {"option": {"option": "bool"}}]}, None),
    ("visitor", "Visitor", None),
    ("visitor, first two fields", "Visitor", 2),
    ("visitor, first field", "Visitor", 1),
    ("role", "Role", None),
    ("address of the internet", {"option": "IpAddr"}, None),
    ("struct in three places", "Order", None),
    ("recursive", "Tree", None),
    ("recursive, first field", "Tree", 1),
    ("recursive, an older version", "OldTree", None),
    ("through a map", "Menu", None),
    ("lists of lists", "Nest", None),
    ("recursive enum", "Term", None),
    ("unrolled once", "List", None),
    ("through each other", "Here", None),
    ("names to escape", "Odd", None),
]


def examples():
    for name, type_, fields in EXAMPLES:
        text = describe(type_, DEFINITIONS, fields)
        yield name, text, fingerprint(text)
    yield 'pinned by hand', "checkout-3", fingerprint("checkout-3", PINNED)


def main(arguments):
    if arguments[:1] == ["check"]:
        with open(arguments[1], encoding="utf-8") as file:
            expected = [tuple(line.rstrip("\n").split("\t")) for line in file if not line.startswith("#")]
        if expected != list(examples()):
            sys.exit("the vectors differ")
    elif arguments:
        text = describe(json.loads(arguments[0]))
        print(text, fingerprint(text), sep="\t")
    else:
        for example in examples():
            print(*example, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
