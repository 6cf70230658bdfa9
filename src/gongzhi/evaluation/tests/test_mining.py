from gongzhi.evaluation.mining import Event, mine, quantile

HOUR = 3600.0


def log(*cases: str) -> list[list[Event]]:
    """Return cases written as "a0 b2 c5": activity and hour."""
    return [[Event(word[0], float(word[1:]) * HOUR) for word in case.split()] for case in cases]


class TestArcs:
    def test_counts_each_pair_of_neighbours_and_its_hours(self) -> None:
        found = mine(log("a0 b1 c3", "a0 b3 c4", "a0 c10"))
        arcs = {(arc.source, arc.target): arc for arc in found.arcs}
        assert {pair: arc.count for pair, arc in arcs.items()} == {("a", "b"): 2, ("b", "c"): 2, ("a", "c"): 1}
        assert arcs["a", "b"].mean_hours == 2
        assert arcs["a", "b"].median_hours == 2
        assert arcs["b", "c"].total_hours == 3
        assert (found.cases, found.events) == (3, 8)

    def test_puts_events_in_order_of_time_and_leaves_those_of_one_moment_as_given(self) -> None:
        found = mine(log("b1 a0 c1 d1"))
        assert [way for way, _n in found.variants] == [("a", "b", "c", "d")]

    def test_an_arc_taken_twice_in_a_case_is_of_one_case(self) -> None:
        found = mine(log("a0 b1 a2 b3"))
        arc = next(arc for arc in found.arcs if (arc.source, arc.target) == ("a", "b"))
        assert (arc.count, arc.cases) == (2, 1)

    def test_a_case_without_events_is_none(self) -> None:
        assert mine([[], *log("a0")]).cases == 1
        assert mine([]).as_json()["handoffs"]["per_case"] is None


class TestVariants:
    def test_are_counted_most_frequent_first(self) -> None:
        found = mine(log("a0 b1", "a0 c1", "a5 b9"))
        assert found.variants == ((("a", "b"), 2), (("a", "c"), 1))
        assert found.as_json()["variants"] == 2


class TestRework:
    def test_counts_what_was_done_again(self) -> None:
        found = mine(log("a0 b1 b2 b3", "a0 b1 b2", "a0 b1"))
        assert [(again.activity, again.cases, again.repeats, again.of_cases) for again in found.rework] == [("b", 2, 3, 3)]

    def test_what_starts_and_completes_once_was_done_once(self) -> None:
        events = [Event("a", 0, transition="start"), Event("a", 60, transition="complete")]
        found = mine([events])
        assert found.rework == ()
        assert found.transitions == {"complete": 1, "start": 1}
        again = mine([[*events, Event("a", 90, transition="start"), Event("a", 95, transition="complete")]])
        assert again.rework[0].repeats == 1


class TestHandoffs:
    def test_count_from_hand_to_hand_and_never_from_or_to_nobody(self) -> None:
        hands = [Event("a", 0, "x"), Event("b", 1, "y"), Event("c", 2, "y"), Event("d", 3), Event("e", 4, "x")]
        found = mine([hands])
        assert [(one.source, one.target, one.count) for one in found.handoffs] == [("x", "y", 1)]
        assert found.as_json()["handoffs"]["per_case"] == 1.0


class TestBottlenecks:
    def test_are_where_most_time_goes_and_were_taken_three_times(self) -> None:
        found = mine(log("a0 b1 c11", "a0 b1 c11", "a0 b1 c11", "a0 d900", "a0 d900"))
        assert [(arc.source, arc.target) for arc in found.bottlenecks] == [("b", "c"), ("a", "b")]
        shares = [one["share"] for one in found.as_json()["bottlenecks"]]
        assert shares == [round(30 / 1833, 4), round(3 / 1833, 4)]


class TestQuantile:
    def test_lies_between_neighbours_in_proportion(self) -> None:
        assert quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0.9) == 10
        assert quantile([0, 10], 0.9) == 9
        assert quantile([7], 0.9) == 7
