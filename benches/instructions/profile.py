"""Whose instructions a load and a save are: a table of shares, from callgrind.

    cargo build --release --manifest-path benches/instructions/Cargo.toml
    python3 benches/instructions/profile.py benches/instructions/target/release/sealed-session-instructions
"""

import collections
import re
import subprocess
import sys
import tempfile

# The first pattern that is found in a function's name says whose it is.
OWNERS = [
    ("XAES-256-GCM", r"aes|polyval|universal_hash|ghash|cipher"),
    ("the allocator", r"malloc|free|unlink_chunk|calloc|realloc|rust_alloc"),
    ("memcpy, memset", r"^__mem"),
    ("this library", r"^(<?)sealed_session::"),
    ("base64", r"base64"),
    ("memchr", r"memchr"),
    ("http, bytes", r"http::|bytes::"),
    ("postcard, serde", r"postcard|serde|data::|from_utf8|PhantomData"),
    ("else", r""),
]
FEW, MANY = 100, 400


def count(program, verb, size, calls):
    """How many instructions each function took by itself in a whole run."""
    with tempfile.NamedTemporaryFile("r") as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program, verb, size, str(calls)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        lines = out.read().splitlines()
    names, own, function, is_call = {}, collections.Counter(), None, False
    for line in lines:
        if found := re.match(r"c?fn=\((\d+)\)(?: (.*))?", line):
            names.setdefault(found[1], found[2])
            if line.startswith("fn="):
                function = names[found[1]]
        elif line.startswith("calls="):
            is_call = True  # the next line is what the callee took
        elif function and re.match(r"[-+*\d]", line):
            if not is_call:
                own[function] += int(line.split()[-1])
            is_call = False
    return own


def owner(function):
    return next(name for name, pattern in OWNERS if re.search(pattern, function))


def main():
    columns = []
    for verb in ("load", "save"):
        for size in "SML":
            few, many = (count(sys.argv[1], verb, size, calls) for calls in (FEW, MANY))
            spent = collections.Counter()
            for function, instructions in many.items():
                spent[owner(function)] += (instructions - few[function]) / (MANY - FEW)
            columns.append((f"{verb} {size}", spent))
    print("| instructions |", " | ".join(name for name, _ in columns), "|\n|---" + "|---:" * len(columns) + "|")
    for name in ["all", *(name for name, _ in OWNERS)]:
        whole = [sum(spent.values()) for _, spent in columns]
        parts = [spent[name] for _, spent in columns]
        cells = [f"{n:.0f}" for n in whole] if name == "all" else [f"{100 * p / n:.0f} %" for p, n in zip(parts, whole)]
        print(f"| {name} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
