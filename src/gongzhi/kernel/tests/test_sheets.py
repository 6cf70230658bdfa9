"""Workbooks as officers make them, and as ill-wishers do."""

import tracemalloc
import zipfile
from datetime import datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from gongzhi.kernel import sheets


def kept(tmp_path, *rows, merge=(), formats=None, epoch=None):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    for row in rows:
        book.active.append(row)
    for ref in merge:
        book.active.merge_cells(ref)
    for cell, form in (formats or {}).items():
        book.active[cell].number_format = form
    book.save(tmp_path / "a.xlsx")
    return tmp_path / "a.xlsx"


def cells(path):
    return [row for _number, row in sheets.rows(path)]


class TestAsShown:
    @pytest.mark.parametrize(
        ("value", "form", "shown"), [(0.85, "0%", 85), (0.123, "0.0%", 12.3), (1, "0%", 100), (0.07, '0.00" %"', 0.07), (0.85, "0.00", 0.85)]
    )
    def test_percents(self, tmp_path, value, form, shown):
        path = kept(tmp_path, ["湿度"], [value], formats={"A2": form})
        assert cells(path)[1] == [shown]

    def test_days_counted_from_1904(self, tmp_path):
        path = kept(tmp_path, [datetime(2026, 11, 28, 8), 31], epoch=CALENDAR_MAC_1904)
        (moment, number), *_more = cells(path)
        assert moment == datetime(2026, 11, 28, 8)
        assert isinstance(number, sheets.Serial)
        assert number == 31

    def test_cells_merged_downwards_stand_in_each_row(self, tmp_path):
        path = kept(tmp_path, ["站", "值"], ["东", 1], [None, 2], [None, None], ["西", 3], merge=["A2:A4", "A1:B1"])
        assert cells(path) == [["站"], ["东", 1], ["东", 2], [], ["西", 3]]

    def test_booleans_and_errors_stay_what_they_are(self, tmp_path):
        assert cells(kept(tmp_path, [True, "#DIV/0!", None]))[0] == [True, "#DIV/0!"]


def bomb(tmp_path, **parts):
    """A workbook whose named parts are replaced by what a few kilobytes unfold to."""
    path, made = kept(tmp_path, ["a"]), tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in whole.namelist():
            place = name.rsplit("/", 1)[-1].split(".")[0]
            out.writestr(name, parts.get(place, whole.read(name)))
        if "sharedStrings" in parts and "xl/sharedStrings.xml" not in whole.namelist():
            out.writestr("xl/sharedStrings.xml", parts["sharedStrings"])
    assert made.stat().st_size < 400_000
    return made


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


class TestBudget:
    @pytest.mark.parametrize(
        "parts",
        [{"sharedStrings": b"<sst>" + b"<si><t>x</t></si>" * 3_000_000 + b"</sst>"}, {"styles": b"<x>" + b" " * 60_000_000 + b"</x>"},
         {"sheet1": HEAD + b'<row r="1">' + b'<c t="b"><v>1</v></c>' * 1_500_000 + b"</row></sheetData></worksheet>"},
         {"sheet1": HEAD + b'<row r="1"><c t="inlineStr"><is><t>' + b"x" * 30_000_000 + b"</t></is></c></row></sheetData></worksheet>"},
         {"sheet1": HEAD + b'<row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'}],
        ids=["texts", "styles", "long row", "long cell", "wide row"],
    )  # fmt: skip
    def test_is_kept(self, tmp_path, parts):
        path = bomb(tmp_path, **parts)
        tracemalloc.start()
        try:
            with pytest.raises(sheets.BadFile):
                list(sheets.rows(path))
            assert tracemalloc.get_traced_memory()[1] < 40_000_000
        finally:
            tracemalloc.stop()
