"""Parts of pages that are plain string building: what people typed never becomes markup."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from gongzhi.cases.views.desk import Row
from gongzhi.portal.templatetags import parts

ANGLES = '<b onclick="x">&\'</b>'


def _case(**more):
    kept = {
        "pk": 7, "version": 3, "serial": 1847, "slug": "2026-01847", "number": ANGLES, "title": ANGLES, "life": "home", "unlocated": False, "next_due_at": None,
        "closed_at": None, "category": SimpleNamespace(label=ANGLES), "area": SimpleNamespace(name=ANGLES), "handler": None, "lead": ANGLES,
        "state_word": "处置中", "chip": "work", "icon": "hammer",
    }  # fmt: skip
    return SimpleNamespace(**kept | more)


def _drawn(text, **context):
    return Template(text).render(Context({"now": timezone.now(), **context}))


class TestCaseRow:
    def test_escapes_everything_that_people_typed(self):
        drawn = _drawn("{% case_row row %}", row=Row(_case(), None, [ANGLES, "second"], ANGLES))
        assert "<b onclick" not in drawn
        assert drawn.count("&lt;b onclick=&quot;x&quot;&gt;&amp;&#x27;&lt;/b&gt;") == 5  # number, title, category, area, ground
        assert drawn.count("<td") == drawn.count("</td>") == 8
        assert 'href="/cases/2026-01847/"' in drawn
        assert ">01847<" in drawn

    def test_says_what_is_missing(self):
        with translation.override("en"):
            drawn = _drawn("{% case_row row %}", row=Row(_case(category=None, area=None, unlocated=True, lead=None), None, [], ""))
        assert "no grid" in drawn
        assert "nobody yet" in drawn
        assert '<span class="co">—</span>' in drawn


class TestChoices:
    def test_marks_the_one_that_was_chosen_in_or_out_of_a_group(self):
        offered = [("", "all"), (3, ANGLES), (ANGLES, [(30, "thirty"), (31, "thirty-one")])]
        drawn = _drawn("{% choices offered chosen %}", offered=offered, chosen="30")
        assert '<option value="30" selected>thirty</option>' in drawn
        assert drawn.count(" selected") == 1
        assert "<b " not in drawn
        assert drawn.count("<optgroup") == drawn.count("</optgroup>") == 1

    def test_marks_nothing_where_nothing_was_chosen(self):
        assert "selected" not in _drawn("{% choices offered chosen %}", offered=[("", "all"), (0, "none")], chosen=None)


class TestAmounts:
    @pytest.mark.parametrize(
        ("value", "shown"), [(Decimal("0.25000"), "0.25"), (Decimal("1902.860"), "1,902.86"), (Decimal("100"), "100"), (3.5, "3.5"), (0, "0"), (None, "—")]
    )
    def test_are_exact_and_without_idle_zeros(self, value, shown):
        assert parts.unpadded(value) == shown


class TestClocks:
    def test_show_the_time_and_the_date_of_the_same_clock(self):
        """A card and the figures may stand on a step's clock while the case itself is due on another day."""
        now = timezone.now()
        usage = SimpleNamespace(used=1.0, stopped=0.0, left=3.0, over=0.0, total=4.0, unit_word="h", segments=(), now_fraction=0.2, warn_fraction=0.7,
                                due_fraction=1.0, is_stopped=False, days_over=0.0)  # fmt: skip
        view = SimpleNamespace(usage=usage, clock=SimpleNamespace(due_at=now + timedelta(days=2)), state="work")
        case = _case(due_at=now + timedelta(days=60), is_open=True, is_stopped=False)
        right, wrong = (f"{timezone.localtime(now + timedelta(days=days)):%m-%d}" for days in (2, 60))
        for text in ("{% casecard case clock %}", "{% clock_figures clock %}"):
            drawn = _drawn(text, case=case, clock=view)
            assert right in drawn
            assert wrong not in drawn
        assert wrong in _drawn("{% casecard case %}", case=case)


def _usage(**more):
    given = {
        "used": 0.0, "stopped": 0.0, "left": 35.0, "over": 0.0, "total": 35.0, "unit_word": "工作小时", "segments": (), "now_fraction": 0.0,
        "warn_fraction": 0.75, "due_fraction": 1.0, "is_stopped": False, "days_over": 0.0, "hours_a_day": 7.0,
    }  # fmt: skip
    return SimpleNamespace(**(given | more))


class TestTimeForResidents:
    @pytest.mark.parametrize(
        ("usage", "said"),
        [
            (_usage(), "还有 5 个工作日"), (_usage(left=31.6), "还有 5 个工作日"), (_usage(left=31.4), "还有 4 个工作日"),
            (_usage(left=3.6), "还有 1 个工作日"),
            (_usage(left=3.4), "还有不到 1 个工作日"), (_usage(left=0.0), "时限已到"), (_usage(is_stopped=True), "已停表"),
            (_usage(left=0.0, over=20.0, days_over=3.2), "超 3 天"),
            (_usage(unit_word="小时", hours_a_day=0.0, total=72.0, left=70.0), "还有 3 天"),
            (_usage(unit_word="小时", hours_a_day=0.0, total=4.0, left=2.0), "剩 2 小时"),
        ],
    )  # fmt: skip
    def test_is_said_in_days(self, usage, said):
        with translation.override("zh-hans"):
            assert parts.plain_left_words(usage) == said

    def test_is_drawn_in_days_for_them_and_in_hours_for_staff(self):
        view = SimpleNamespace(usage=_usage(used=14.0, left=21.0), clock=SimpleNamespace(due_at=timezone.now()), state="work")
        with translation.override("zh-hans"):
            told = {
                staff: _drawn("{% clock_figures clock %}{% clock_bar clock.usage %}", clock=view, shell=SimpleNamespace(is_staff=staff))
                for staff in (False, True)
            }
        assert "还有 3 个工作日" in told[False]
        assert "工作小时" not in told[False]
        assert "已用 2" in told[False]
        assert "剩 21 工作小时" in told[True]

