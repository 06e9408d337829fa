"""A user's file name, made safe."""

from __future__ import annotations

import pytest

from bot.uploads.names import LONGEST, clean


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("Business licence 2026.pdf", "pdf", "Business licence 2026.pdf"),
        ("../../etc/passwd", "pdf", "passwd.pdf"),
        ("C:\\Users\\anna\\scan.PDF", "pdf", "scan.pdf"),
        ("annexe\u202egnp.exe", "jpeg", "annexegnp.exe.jpg"),
        ("zero\u200bwidth\x00\x1b[31m.png", "png", "zerowidth[31m.png"),
        ("photo.png", "jpeg", "photo.jpg"),
        ("photo.JPEG", "jpeg", "photo.jpeg"),
        ("  spaced \t\n out  .pdf ", "pdf", "spaced out.pdf"),
        (".htaccess", "", "htaccess"),
        ("--help.pdf", "pdf", "help.pdf"),
        ("CON.pdf", "pdf", "file CON.pdf"),
        ("com1", "png", "file com1.png"),
        ("nul.tar.pdf", "pdf", "file nul.tar.pdf"),
        ("", "webp", "file.webp"),
        ("...", "", "file"),
        ("scan.v2", "heic", "scan.v2.heic"),
        ("a<b>:c|d?.pdf", "pdf", "a_b__c_d.pdf"),
        ("Cafe\u0301.pdf", "pdf", "Café.pdf"),
        ("หนังสือ.pdf", "pdf", "หนังสือ.pdf"),
        ("note.txt", "", "note.txt"),
    ],
)
def test_clean(name, kind, safe):
    assert clean(name, kind) == safe


@pytest.mark.parametrize("letter", ["a", "ü", "漢", "🎉"])
def test_long_names_are_cut_before_the_extension(letter):
    name = clean(letter * 500 + ".jpeg", "pdf")
    assert name.endswith(".pdf") and len(name) <= LONGEST and len(name.encode()) <= 255
    assert len(name.encode()) > 100


def test_cleaning_twice_changes_nothing_more():
    for name in ("../x/CON.pdf", "a\u202eb.exe", "." * 300, "漢" * 300, " .pdf"):
        assert clean(clean(name, "pdf"), "pdf") == clean(name, "pdf")


def test_a_device_s_name_with_a_space_behind_it_is_one_too():
    assert clean("COM1 .backup.pdf", "pdf") == "file COM1 .backup.pdf"
