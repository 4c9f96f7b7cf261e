#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures each row natively, boxed and under other sandboxes, in one run, in turns.

The table on stdout is Markdown: medians, with the range of all samples, and each row's bar.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import measure  # noqa: E402
from rows import ROWS as PROGRAM_ROWS  # noqa: E402
from rows_tree import ROWS as TREE_ROWS  # noqa: E402

ROWS = PROGRAM_ROWS + TREE_ROWS

SCALES = {'s': [(1, 's'), (1e-3, 'ms'), (1e-6, 'µs')],
          'ns': [(1e6, 'ms'), (1e3, 'µs'), (1, 'ns')],
          '1/s': [(1e3, 'k/s'), (1, '/s')],
          'x': [(1, '×')],
          'B': [(1e6, 'MB'), (1e3, 'kB'), (1, 'B')]}


def shown(value, unit):
    scale, name = next(((s, n) for s, n in SCALES[unit] if abs(value) >= s), SCALES[unit][-1])
    return f'{value / scale:.3g} {name}'


def measure_row(row, bench, runners, repetitions):
    """Samples by runner, and by runner what went wrong."""
    samples, errors = {}, {}
    runners = [r for r in runners if not row.runners or r in row.runners]
    try:
        row.prepare(bench)
        expected = row.check(bench, 'native') if 'native' in runners else None
    except measure.Failed as why:
        return {}, {'native': str(why)}
    for runner in runners:
        try:
            if runner != 'native' and row.check(bench, runner) != expected and expected is not None:
                errors[runner] = 'its result differs from the native one'
            else:
                samples[runner] = []
        except measure.Failed as why:
            errors[runner] = str(why)
    for turn in range(repetitions * row.repeat):
        order = list(samples)
        # In turns, each time beginning with another: what disturbs the machine disturbs all alike.
        for runner in order[turn % max(1, len(order)):] + order[:turn % max(1, len(order))]:
            try:
                samples[runner].append(row.sample(bench, runner))
            except measure.Failed as why:
                errors[runner] = str(why)
                del samples[runner]
    return samples, errors


def verdict(row, samples):
    """The bar, what was measured against it, and whether it was met (None: cannot be said)."""
    base, factor = row.bar
    sign = '≥' if row.higher else '≤'
    if base is None:
        bar = f'{sign} {shown(factor, row.unit)}'
    elif factor < 0.5:
        bar = f'{sign} 1/{1 / factor:.0f} {base}'
    else:
        bar = f'{sign} {factor:g} × {base}'
    if not samples.get('boxed') or (base and not samples.get(base)):
        return bar, '', None
    boxed = measure.summary(samples['boxed'])[0]
    if base is None:
        return bar, shown(boxed, row.unit), boxed <= factor
    ratio = boxed / measure.summary(samples[base])[0]
    said = f'1/{1 / ratio:.1f}' if ratio < 0.5 else f'{ratio:.2f} ×'
    return bar, said, ratio >= factor if row.higher else ratio <= factor


def against_before(row, samples):
    """How much slower than the state before: the median of the turns; bar: 3 %."""
    turns = [a / b if row.unit != '1/s' else b / a for a, b in zip(samples.get('boxed', []), samples.get('before', []))]
    if not turns:
        return '', '', None
    slower = measure.summary(turns)[0]
    return '≤ 1.03 × before', f'{slower:.2f} ×', slower <= 1.03


def cell(row, samples, errors, runner):
    if runner in samples:
        middle, low, high = measure.summary(samples[runner])
        return f'{shown(middle, row.unit)} ({shown(low, row.unit)}–{shown(high, row.unit)})'
    return 'failed' if runner in errors else ''


def main():
    parser = argparse.ArgumentParser(prog='dev bench')
    parser.add_argument('--build', required=True, help=argparse.SUPPRESS)
    parser.add_argument('--json', metavar='FILE', help='write every sample to FILE')
    parser.add_argument('--repetitions', type=int, default=5)
    parser.add_argument('--before', metavar='BUILD', help='in turns with the pcall-run of another build, and no other runner')
    parser.add_argument('rows', nargs='*', metavar='ROW', help=' '.join(r.name for r in ROWS))
    args = parser.parse_args()
    unknown = set(args.rows) - {r.name for r in ROWS}
    if unknown:
        parser.error(f'no such row: {" ".join(sorted(unknown))}')

    tree = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    work = tempfile.mkdtemp(prefix='pcall-bench.')
    bench = measure.Bench(tree, os.path.abspath(args.build), work, args.before)
    runners = bench.runners()
    here = measure.machine()
    result = {'machine': here, 'runners': runners, 'rows': {}}
    missed = 0
    notes = []
    print(f'Measured on {here}; median (range) of {args.repetitions} or more in turns.\n')
    print('| row | ' + ' | '.join(runners) + ' | bar | boxed | |')
    print('|---' * (len(runners) + 4) + '|', flush=True)
    try:
        for row in ROWS:
            if args.rows and row.name not in args.rows:
                continue
            samples, errors = measure_row(row, bench, runners, args.repetitions)
            bar, ratio, met = (against_before if args.before else verdict)(row, samples)
            met = False if 'boxed' in errors else met
            missed += met is False
            word = {True: 'PASS', False: 'MISS', None: ''}[met]
            cells = [cell(row, samples, errors, r) for r in runners]
            print(f'| {row.title} | ' + ' | '.join(cells) + f' | {bar} | {ratio} | {word} |', flush=True)
            notes += [f'{row.name}, {runner}: {why}' for runner, why in errors.items()]
            result['rows'][row.name] = {'title': row.title, 'unit': row.unit, 'bar': bar, 'samples': samples,
                                        'errors': errors, 'measured': ratio, 'pass': met}
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if 'boxed' not in runners:
        notes.append('pcall-run is not built: nothing was measured boxed')
    if notes:
        print('\n' + '\n'.join(notes))
    if args.json:
        with open(args.json, 'w') as f:
            json.dump(result, f, indent=1)
    return 1 if missed else 0


if __name__ == '__main__':
    sys.exit(main())
