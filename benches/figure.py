"""Draws docs/performance.svg from benches/RESULTS.md: where the nanoseconds of a load and a save go.

    python3 benches/figure.py
"""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The parts, by the beginning of their row in the results; a name for the legend, a colour that stands on black and
# white.
PARTS = [
    ("XAES-256-GCM", "XAES-256-GCM", "#4c8bd6"),
    ("postcard", "postcard, and the data's own memory", "#2fa37c"),
    ("24 random", "random bytes of the system", "#d9822b"),
    ("base64", "base64", "#a06cd5"),
    ("the clock", "the clock", "#c2a01f"),
    ("finding", "finding the cookie", "#d1568a"),
    ("Set-Cookie", "headers of the response", "#5f9ea0"),
    (None, "the rest: this library", "#8a8f98"),
]


def tables(text):
    """The rows of each table, as lists of cells."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append(rows[0:1] + rows[2:])
            rows = []
    return found


def measured(text):
    """For each verb and size: the whole, and the nanoseconds of each part."""
    peers, floor = tables(text)
    whole = {}
    for row in peers[1:]:
        if row[1] == "sealed-session":
            whole["load", row[0]], whole["save", row[0]] = float(row[2]), float(row[5])
    for at, size in enumerate("SML"):
        for verb in ("load", "save"):
            spent = [0.0] * len(PARTS)
            for name, within, *times in floor[1:]:
                if name.startswith("…"):
                    continue  # what might be, and is not
                mine = within in (verb, "both") or within == "neither" and verb == "save"
                if mine:
                    place = next(i for i, part in enumerate(PARTS) if part[0] and name.startswith(part[0]))
                    spent[place] += float(times[at])
            spent[-1] = max(whole[verb, size] - sum(spent), 0.0)
            yield verb, size, whole[verb, size], spent


def draw(rows):
    left, width, height, gap = 78, 560, 26, 10
    bottom = 16 + len(rows) * (height + gap) + 14
    total = bottom + (len(PARTS) + 1) // 2 * 22 + 6
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 {total}" font-family="system-ui, sans-serif"'
        ' font-size="14" role="img">',
        "<title>Where the nanoseconds of a load and a save go</title>",
        "<style>text{fill:#1f2328}.in{fill:#fff;font-size:12px}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.in{fill:#fff}}</style>",
    ]
    for at, (verb, size, whole, spent) in enumerate(rows):
        top = 16 + at * (height + gap) + (8 if at >= 3 else 0)
        out.append(f'<text x="{left - 10}" y="{top + 18}" text-anchor="end">{verb} {size}</text>')
        x = left
        scale = width / max(sum(spent), 1)
        for (_, name, colour), part in zip(PARTS, spent):
            if part <= 0:
                continue
            wide = part * scale
            out.append(
                f'<rect x="{x:.1f}" y="{top}" width="{wide:.1f}" height="{height}" fill="{colour}">'
                f"<title>{name}: {part:.0f} ns</title></rect>"
            )
            if wide > 34:
                out.append(
                    f'<text class="in" x="{x + wide / 2:.1f}" y="{top + 17}" text-anchor="middle">{part:.0f}</text>'
                )
            x += wide
        out.append(f'<text x="{left + width + 10}" y="{top + 18}">{whole:.0f} ns</text>')
    for at, (_, name, colour) in enumerate(PARTS):
        x, y = left + at % 2 * 300, bottom + at // 2 * 22 + 8
        out.append(f'<rect x="{x}" y="{y}" width="13" height="13" fill="{colour}"/>')
        out.append(f'<text x="{x + 20}" y="{y + 12}">{name}</text>')
    return "\n".join([*out, "</svg>", ""])


def main():
    rows = sorted(measured((ROOT / "benches/RESULTS.md").read_text()), key=lambda row: row[0])
    (ROOT / "docs/performance.svg").write_text(draw(rows))


if __name__ == "__main__":
    main()
