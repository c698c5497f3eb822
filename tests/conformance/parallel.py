"""Compare pre_dispatch expressions, sizes and lines of progress with joblib's.

usage: parallel.py PARALLEL_CHECK

Expressions: what joblib evaluates to a real number has that value here, and
what it refuses is refused. Left aside is what the header excludes: literals
that are not decimal, "2n_jobs", blanks of other kinds. Old versions of joblib
have no limits: what is refused here as too long or too large they are not
asked.
Sizes: the same bytes; joblib knows no sizes without a unit, and negative ones.
Progress: the lines of real runs but for the times, which differ, and for the
line of the last task, which old versions print twice.
"""
import contextlib
import io
import random
import re
import subprocess
import sys
import threading
import time

import joblib
from joblib._utils import eval_expr
from joblib.disk import memstr_to_bytes

CHECK = sys.argv[1]
failures = 0


def fail(message):
    global failures
    failures += 1
    print('FAIL:', message)


def run(*arguments):
    result = subprocess.run([CHECK, *map(str, arguments)],
                            capture_output=True, text=True)
    if result.returncode:
        fail(f'{arguments[0]}: exit status {result.returncode}')
    return result.stdout.splitlines()


def value_or_none(function, text):
    try:
        return function(text)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def compare(kind, texts, got, function, skipped=()):
    compared = 0
    if len(got) != len(texts):
        fail(f'{kind}: {len(got)} answers to {len(texts)} questions')
    for text, answer in zip(texts, got):
        if any(words in answer for words in skipped):
            continue
        ours = None if answer.startswith('error: ') else float(answer)
        theirs = value_or_none(function, text)
        if isinstance(theirs, complex):
            theirs = None
        if ours != theirs:
            fail(f'{kind}: {text!r} is {answer}; joblib: {theirs}')
        compared += 1
    return compared


def check_expressions():
    choose = random.Random(1)
    pieces = ['n_jobs', 'n_jobs', '1', '2', '3', '7', '0', '0.5', '1.25',
              '.1', '+', '-', '*', '**', '/', '//', '%', '-', '(', ')', ' ',
              '^', '1e2', '10']
    operands, operators = pieces[:10], pieces[10:18]
    texts = ['2*6', '2**6', '1 + 2*3**(4) / (6 + -7)', '(20 // 3) % 5',
             "exec('import os')", '1^1', '1/0', '1%0', '1' + '+1' * 50, '10**7',
             '9**9**9', '9. ** 10000.', '1//0.1', '-7 % 2.5', '-2**-2', '']
    for _ in range(4000):
        texts.append(''.join(choose.choices(pieces, k=choose.randint(1, 7))))
    for _ in range(4000):
        text = choose.choice(operands)
        for _ in range(choose.randint(1, 4)):
            text += choose.choice(operators) + choose.choice(['', '-', ''])
            text += choose.choice(operands)
            if choose.random() < .2:
                text = f'({text})'
        texts.append(text)
    # A digit next to n_jobs, or a blank in front, means nothing here.
    texts = [t for t in texts if not re.search(r'[\d.]n_jobs|n_jobs[\d.n]|^ ',
                                               t)]
    limited = value_or_none(eval_expr, '1e7') is None
    skipped = [] if limited else ['is beyond', 'is too long']
    return sum(compare(
        'expression', texts, run('expression', n_jobs, *texts),
        lambda text: eval_expr(text.replace('n_jobs', str(n_jobs))), skipped)
        for n_jobs in (1, 3, 12))


def check_sizes():
    choose = random.Random(2)
    texts = ['80G', '1.4M', '120M', '53K', 'fooG', '1.4N', '1e3K', '.5K']
    for _ in range(1000):
        digits = choose.choice([1, 2, 3, 6])
        texts.append(f'{choose.uniform(0, 5000):.{digits}f}'
                     + choose.choice('KMGXk')[0])
    texts = [t for t in texts if not t.endswith('k')]
    return compare('size', texts, run('size', *texts), memstr_to_bytes)


def without_times(lines):
    return [re.sub(r' *[\d.]+(s|min)(?= |$)', ' T', line) for line in lines]


def lines_of_joblib(verbose, total):
    """All tasks are dispatched before the first is done."""
    dispatched = threading.Event()

    def task():
        dispatched.wait()
        time.sleep(.001)

    def tasks():
        for _ in range(total):
            yield joblib.delayed(task)()
        threading.Timer(.2, dispatched.set).start()

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        joblib.Parallel(n_jobs=2, backend='threading', verbose=verbose,
                        pre_dispatch='all', batch_size=1)(tasks())
    lines = without_times(out.getvalue().splitlines())
    all_done = f'Done {total:3} out of {total:3} '
    last = [line for line in lines if all_done in line and 'finished' in line]
    return [line for line in lines if all_done not in line] + last[:1]


def check_progress():
    n = 0
    for total in (10, 100, 457):
        for verbose in (0, 1, 2, 5, 10, 11, 49, 50, 100, 456, 457, 10000):
            theirs = lines_of_joblib(verbose, total)
            ours = without_times(run('verbose', verbose, 2, 'ThreadingBackend',
                                     total, total))
            if ours != theirs:
                fail(f'verbose={verbose}, {total} tasks:\n'
                     + '\n'.join(ours) + '\njoblib:\n' + '\n'.join(theirs))
            n += len(theirs)
    return n


def growing_lines_of_joblib(verbose, n):
    """Lines while joblib does not know how many tasks there will be."""
    parallel = joblib.Parallel(n_jobs=2, verbose=verbose)
    parallel._original_iterator = iter(())
    parallel._start_time = time.time()
    parallel._iterating = True
    parallel.n_tasks = None
    parallel.n_dispatched_tasks = n + 1
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for i in range(1, n + 1):
            parallel.n_dispatched_batches = parallel.n_completed_tasks = i
            parallel.print_progress()
    return without_times(out.getvalue().splitlines())


def check_unknown_total():
    n = 0
    for verbose in (*range(12), 50, 100):
        theirs = growing_lines_of_joblib(verbose, 900)
        ours = without_times(run('verbose', verbose, 2, 'any', 900, 0))[1:-1]
        if ours != theirs:
            fail(f'verbose={verbose}, unknown total:\n' + '\n'.join(ours)
                 + '\njoblib:\n' + '\n'.join(theirs))
        n += len(theirs)
    return n


print(f'joblib {joblib.__version__}: {check_expressions()} expressions, '
      f'{check_sizes()} sizes, {check_progress()} lines of known and '
      f'{check_unknown_total()} of unknown totals')
sys.exit(failures > 0)
