"""The files themselves: a country fits one screen, and whoever adds one need read nothing else."""

from __future__ import annotations

from statistics import median

from rules.matrix import FREE
from rules.reading import OURS

SCREEN = 40  # lines
LONG_SCREEN = 110  # lines, of a country that asks something


def lines(code: str) -> int:
    return len((OURS / "countries" / f"{code.lower()}.toml").read_text(encoding="utf-8").splitlines())


def test_a_median_country_fits_one_screen(book, capsys):
    every = [lines(code) for code in book.codes]
    asking = [lines(code) for code in book.codes if book.pack(code).route not in FREE]
    with capsys.disabled():
        print(f"\nlines of a median country file: {median(every):g}; of one that asks something: {median(asking):g}")
    assert median(every) <= SCREEN
    assert median(asking) <= LONG_SCREEN


def test_every_file_is_the_country_it_is_named_after(book):
    names = {path.stem.upper() for path in (OURS / "countries").glob("*.toml")}
    assert names == set(book.codes)
