"""Keyset pages: every row once, forwards and backwards, empty values last."""

from datetime import timedelta

import pytest

from gongzhi.kernel.pages import BadCursor, Order, cut, decode, encode


class TestCursor:
    def test_gives_back_what_it_took(self, noon):
        assert decode(encode(noon, 7), 2) == [noon, 7]
        assert decode(encode(None, 7), 2) == [None, 7]

    @pytest.mark.parametrize("bad", ["x", "!!!", "W10", "bnVsbA", encode("a"), encode(1, 2, 3)])
    def test_refuses_what_it_did_not_make(self, bad):
        with pytest.raises(BadCursor):
            decode(bad, 2)


class TestCut:
    @pytest.fixture
    def areas(self, town, noon):
        from gongzhi.foundation.territory.models import Area

        ends = [noon, None, noon + timedelta(hours=1), None, noon, noon - timedelta(hours=3), None]
        for n, end in enumerate(ends):
            Area.objects.create(town=town, level="grid", code=f"g{n}", name=f"{n}", path=str(n + 1), valid_from=noon + timedelta(minutes=n // 2), valid_to=end)
        return Area.objects.all()

    @pytest.mark.parametrize("order", [Order("valid_to"), Order("valid_from"), Order("valid_from", descending=True)])
    @pytest.mark.parametrize("most", [1, 2, 3, 7, 8])
    def test_shows_every_row_once_and_leads_back(self, areas, order, most):
        whole = [area.pk for area in areas.order_by(*order.by())]
        page, seen, pages = cut(areas, order, most=most), [], []
        assert not page.before
        while True:
            pages.append([area.pk for area in page])
            seen += pages[-1]
            if not page.after:
                break
            page = cut(areas, order, after=page.after, most=most)
        assert seen == whole
        for expected in reversed(pages[:-1]):
            page = cut(areas, order, before=page.before, most=most)
            assert [area.pk for area in page] == expected
        assert not page.before
        assert page.after or len(pages) == 1

    def test_refuses_a_cursor_of_another_list(self, areas):
        with pytest.raises(BadCursor):
            cut(areas, Order("valid_to"), after=encode("name", "x"))
