# SPDX-License-Identifier: LGPL-2.1-or-later
"""The storeys as a picture: every folder with its files, every arrow between two folders as an arc.

An arc leads from who uses to who is used, down on the right side; one that led up would be red, on the
left. The thicker, the more objects of the one refer to the other.
"""
import math
import os
from xml.sax.saxutils import escape

import storeys

WIDTH, LEFT, BOX, LINE, GAP = 1040, 60, 640, 15, 14
COLOURS = ['#4c78a8', '#f58518', '#54a24b', '#b279a2', '#9d755d', '#72b7b2', '#e45756', '#7f7f7f']
STYLE = ('text{font:11px sans-serif;fill:#222}.name{font-weight:bold;font-size:13px}'
         'rect{fill:#f6f4ee;stroke:#8a8577}path{fill:none;stroke-opacity:.55}'
         '@media(prefers-color-scheme:dark){text{fill:#ddd}rect{fill:#26241f;stroke:#777}}')


def arrows(tree, build):
    """(from, to) → how many references, of folders."""
    found = {}
    for pairs in (storeys.includes(tree), storeys.references(build)):
        for a, b in pairs:
            a, b = storeys.storey_of(a), storeys.storey_of(b)
            if a and b and a != b:
                found[a, b] = found.get((a, b), 0) + 1
    return found


def lines_of(names, width):
    """The names in lines of at most so many letters."""
    lines = ['']
    for name in names:
        if lines[-1] and len(lines[-1]) + len(name) + 2 > width:
            lines.append('')
        lines[-1] += ('  ' if lines[-1] else '') + name
    return lines


def files_of(tree, folder):
    names = os.listdir(os.path.join(tree, folder))
    return sorted({n.rsplit('.', 1)[0] for n in names if n.endswith(('.c', '.h'))})


def svg(tree, build):
    rows = {}
    for folder, height in storeys.STOREYS.items():
        rows.setdefault(height, []).append(folder)
    boxes, shapes, y = {}, [], GAP
    for height in sorted(rows, reverse=True):
        folders = sorted(rows[height])
        wide = (BOX - GAP * (len(folders) - 1)) / len(folders)
        texts = {f: lines_of(files_of(tree, f), int(wide / 6.2)) for f in folders}
        tall = LINE * (1 + max(map(len, texts.values()))) + 10
        for i, folder in enumerate(folders):
            x = LEFT + i * (wide + GAP)
            boxes[folder] = (x, y, wide, tall)
            shapes.append(f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{tall}" rx="5"/>')
            shapes.append(f'<text class="name" x="{x + 8:.0f}" y="{y + LINE}">'
                          f'{escape(folder.replace("supervisor/", ""))}</text>')
            for n, line in enumerate(texts[folder], 2):
                shapes.append(f'<text x="{x + 8:.0f}" y="{y + LINE * n}">{escape(line)}</text>')
        y += tall + GAP
    for n, ((a, b), count) in enumerate(sorted(arrows(tree, build).items())):
        up = storeys.goes_up(a, b)
        ya, yb = (boxes[f][1] + boxes[f][3] * at for f, at in ((a, .65), (b, .35)))
        side = LEFT if up else LEFT + BOX
        reach = side + (-1 if up else 1) * min(40 + abs(yb - ya) * .42, WIDTH - LEFT - BOX - 20)
        colour = '#d00' if up else COLOURS[sorted(storeys.STOREYS).index(a) % len(COLOURS)]
        shapes.append(f'<path d="M{side} {ya:.0f}C{reach:.0f} {ya:.0f} {reach:.0f} {yb:.0f} {side} '
                      f'{yb:.0f}" stroke="{colour}" stroke-width="{.6 + math.log2(count) * .45:.1f}">'
                      f'<title>{escape(a)} → {escape(b)}: {count}</title></path>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" '
            f'viewBox="0 0 {WIDTH} {y}"><style>{STYLE}</style>\n' + '\n'.join(shapes) + '\n</svg>\n')
