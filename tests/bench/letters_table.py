"""The table of measures beside their aims, and what became of each kind of picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from tests.bench.letters_told import STEPS, Told
from tests.photos.report import UNSIGNED

# Photos of somebody who tries, of a whole page with its code, of ours and awaited.
CLEAR = frozenset(
    [
        "good",
        "good_first",
        "scanned",
        "grey",
        "faint_stamp",
        "embossed",
        "together",
        "unstamped",
        "initials",
        "elsewhere",
        "empty",
        "both_empty",
        "marks",
        "spill",
        "altered_word",
        "altered_digit",
    ]
)
NOT_SIGNED = frozenset(part.kind for part in UNSIGNED)
# What is to be answered "yes" or "no" at sight; a faint, a dry or an overlapping stamp is a person's to judge.
PLAIN = frozenset(("good", "scanned", "grey", "unstamped", "empty", "both_empty"))
GOOD = frozenset(("good", "good_first", "scanned", "grey"))


def printed_table(told: Sequence[Told]) -> None:
    print(f"\n{'measure':<58} {'found':<34} aim")
    for measure, found, aim in _measures(told):
        print(f"{measure:<58} {found:<34} {aim}")
    _print_kinds(told)


def _measures(told: Sequence[Told]) -> list[tuple[str, str, str]]:
    large = [one for one in told if one.side >= 1280]
    small = [one for one in told if one.side < 1280]
    good = [one for one in large if one.case.kind in GOOD]
    again = [one for one in told if one.case.reasons and one.case.kind not in NOT_SIGNED]
    unsigned = [one for one in told if one.case.kind in NOT_SIGNED]
    signing = [one for one in told if one.case.kind in PLAIN and one.case.signed]
    stamped = [one for one in told if one.case.kind in PLAIN and one.case.stamped]
    bare = [one for one in told if one.case.kind in PLAIN and one.case.stamped is False]
    altered = [one for one in told if one.case.kind.startswith("altered")]
    words = [one for one in altered if one.case.kind == "altered_word"]
    return [
        ("page named right, clear, 1280 px", _share(_clear(large), lambda one: bool(one.named)), ">= 99.5 %"),
        ("page named right, clear, 960 px", _share(_clear(small), lambda one: bool(one.named)), ">= 99 %"),
        ("another page accepted for this one", _none(told, lambda one: one.accepted and not one.named), "0"),
        ("unsigned letters accepted", _none(unsigned, lambda one: one.accepted), "0 of 2,000"),
        ("... called signed", _none(unsigned, lambda one: one.signed == "yes"), ""),
        ("signed, clear: not called signed", _share(signing, lambda one: one.signed != "yes"), "<= 3 %"),
        ("stamped, clear: called unstamped", _none(stamped, lambda one: one.stamped == "no"), "<= 0.1 %"),
        ("unstamped, clear: called stamped", _none(bare, lambda one: one.stamped == "yes"), "<= 0.1 %"),
        ("good photos accepted, 1280 px", _share(good, lambda one: one.accepted), ">= 95 %"),
        ("good photos accepted, 960 px", _share(small, lambda one: one.accepted), ">= 85 %"),
        ("should ask again or a person, accepted", _none(again, lambda one: one.accepted), "<= 0.5 %"),
        ("the reason given is a true one", _share([*again, *unsigned], lambda one: one.true_reason), ">= 90 %"),
        ("one altered word caught", _share(words, lambda one: one.reason == "altered"), ">= 95 %"),
        ("one altered digit caught", _share(_digits(altered), lambda one: one.reason == "altered"), ""),
        ("good photos called altered", _share([*good, *small], lambda one: one.reason == "altered"), "<= 1 %"),
        *_scans(told),
        *_times(large),
    ]  # fmt: skip


def _clear(told: Sequence[Told]) -> list[Told]:
    return [one for one in told if one.case.kind in CLEAR]


def _digits(told: Sequence[Told]) -> list[Told]:
    return [one for one in told if one.case.kind == "altered_digit"]


def _share(of: Sequence[Told], true: Callable[[Told], bool]) -> str:
    count = sum(map(true, of))
    return f"{count} of {len(of)} ({count / len(of):.1%})" if of else "none seen"


def _none(of: Sequence[Told], true: Callable[[Told], bool]) -> str:
    """Of what should not be: with none seen in n, the true share is below this, 95 times in a hundred."""
    count = sum(map(true, of))
    if count or not of:
        return _share(of, true)
    return f"0 of {len(of)} (below {1 - 0.05 ** (1 / len(of)):.2%})"


def _scans(told: Sequence[Told]) -> list[tuple[str, str, str]]:
    scans = [one for one in _clear(told) if one.scan_bytes]
    off = [point for one in scans for point in one.off]
    if not off:
        return []
    sizes = np.array([one.scan_bytes for one in scans]) / 1000
    middle, far = np.percentile(off, [50, 95])
    return [
        ("scan: a point off its true place, median (p95), mm", f"{middle:.2f} ({far:.2f})", "<= 0.3"),
        ("scan: kB a page, median (largest)", f"{np.median(sizes):.0f} ({sizes.max():.0f})", "<= 500"),
    ]


def _times(told: Sequence[Told]) -> list[tuple[str, str, str]]:
    """Of clear photos, processor time. A photo that must be asked for again may take longer: all ways are tried."""
    clear = [one for one in _clear(told) if one.scan_bytes]
    if not clear:
        return []
    whole = [one.took["check"] + one.took["scan"] for one in clear]
    bare = float(np.median([one.took["bare"] for one in clear]))
    middle, slow = np.percentile(whole, [50, 95])
    hard = [one.took["check"] for one in told if one.case.kind not in CLEAR]
    steps = ", ".join(
        f"{step} {np.median([one.took.get(step, 0.0) for one in clear]):.0f}" for step in [*STEPS.values(), "scan"]
    )
    return [
        ("ms a page, scan included, median (p95)", f"{middle:.0f} ({slow:.0f})", "<= 400 (<= 700)"),
        ("... as times a bare JPEG decode and resize", f"{middle / bare:.0f} x {bare:.1f} ms", ""),
        ("... by step, median ms", steps, ""),
        ("ms of a photo that fails, median (p95)", "{:.0f} ({:.0f})".format(*np.percentile(hard or [0], [50, 95])), ""),
    ]


def _print_kinds(told: Sequence[Told]) -> None:
    print(f"\n{'kind':<14} {'px':>4} {'n':>5} {'accepted':>9} {'person':>7} {'again':>6} {'true':>6}  reasons given")
    kinds = dict.fromkeys((one.case.kind, one.side) for one in told)
    for kind, side in sorted(kinds):
        of = [one for one in told if (one.case.kind, one.side) == (kind, side)]
        accepted, person = sum(one.accepted for one in of), sum(one.for_a_person for one in of)
        true = sum(one.accepted if one.case.good else one.true_reason for one in of)
        given = Counter(f"{one.reason}{'/' + one.seen if one.seen else ''}" for one in of if one.reason)
        print(
            f"{kind:<14} {side:>4} {len(of):>5} {accepted:>9} {person:>7} {len(of) - accepted - person:>6} "
            f"{true if of[0].case.good or of[0].case.reasons else '-':>6}  "
            + ", ".join(f"{reason} {count}" for reason, count in given.most_common())
        )
