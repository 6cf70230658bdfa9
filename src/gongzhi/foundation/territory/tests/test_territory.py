import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.foundation.territory import coverage, operations, queries
from gongzhi.foundation.territory.datum import UnknownDatum, to_wgs84
from gongzhi.foundation.territory.locator import Locator
from gongzhi.foundation.territory.tests.factories import MAKER, SOUTH, STEP, WEST, make_areas, middle, square
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town


class TestLocate:
    def test_gives_the_grid_of_a_point_and_none_outside(self, town, noon):
        areas = make_areas(noon)
        x, y = middle(1, 0)
        assert queries.locate(seen_by=ANYONE, longitude=x, latitude=y) == areas["e1"]
        assert queries.locate(seen_by=ANYONE, longitude=100, latitude=20) is None
        assert queries.locate_many(seen_by=ANYONE, longitudes=[x, 100, float("nan")], latitudes=[y, 20, 30]) == [areas["e1"].pk, None, None]

    def test_follows_a_redrawn_grid_and_keeps_the_old_one(self, town, noon):
        areas = make_areas(noon)
        redrawn = operations.define_area(
            by=MAKER, at=noon, level="grid", code=areas["e1"].code, name="新网格", parent_id=areas["east"].pk, boundary=square(1, 0)
            | {
                "coordinates": [
                    [[WEST + STEP, SOUTH], [WEST + 2 * STEP, SOUTH], [WEST + 2 * STEP, SOUTH + STEP / 4], [WEST + STEP, SOUTH + STEP / 4], [WEST + STEP, SOUTH]]
                ]
            },
        )  # fmt: skip
        x, y = middle(1, 0)
        assert redrawn.pk != areas["e1"].pk
        assert queries.locate(seen_by=ANYONE, longitude=x, latitude=y) is None
        assert queries.locate(seen_by=ANYONE, longitude=x, latitude=SOUTH + STEP / 8) == redrawn
        areas["e1"].refresh_from_db()
        assert areas["e1"].valid_to == noon

    def test_sees_only_its_own_town(self, town, other_town, noon):
        from gongzhi.kernel.towns import in_town

        make_areas(noon)
        with in_town(other_town.pk):
            assert queries.locate(seen_by=ANYONE, longitude=middle(0, 0)[0], latitude=middle(0, 0)[1]) is None
            assert not queries.areas(seen_by=ANYONE).exists()


class TestLocator:
    @given(st.lists(st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 3.5)), min_size=1, max_size=60))
    def test_answers_the_same_one_by_one_and_all_together(self, places):
        locator = Locator((row * 4 + column + 1, square(column, row)) for row in range(3) for column in range(4))
        x, y = [WEST + a * STEP for a, _b in places], [SOUTH + b * STEP for _a, b in places]
        one_by_one = [locator.locate(a, b) for a, b in zip(x, y, strict=True)]
        assert one_by_one == locator.locate_many(x, y)


class TestCoverage:
    def test_is_whole_for_a_town_that_is_covered(self, town, noon):
        make_areas(noon)
        assert queries.coverage(seen_by=ANYONE) == []

    def test_finds_a_gap_and_an_overlap(self):
        found = coverage.faults((1, square(0, 0, height=2)), [(2, square(0, 0)), (3, square(0, 0, height=1) | {})])
        kinds = {fault.kind for fault in found}
        assert "gap" in kinds
        shifted = {"type": "Polygon", "coordinates": [[[x, y - STEP / 2] for x, y in square(0, 1)["coordinates"][0]]]}
        both = coverage.faults((1, square(0, 0, height=2)), [(2, square(0, 0)), (3, shifted)])
        assert {fault.kind for fault in both} == {"gap", "overlap"}
        overlap = next(fault for fault in both if fault.kind == "overlap")
        assert overlap.area_ids == (2, 3)
        assert overlap.square_metres == pytest.approx(961 * 1112 / 2, rel=0.02)


class TestDefineArea:
    def test_is_for_the_committee(self, town, noon):
        with pytest.raises(NotAllowed):
            operations.define_area(by=ANYONE, at=noon, level="town", code="1", name="镇", boundary=square(0, 0))
        assert operations.define_area(by=MAKER, at=noon, level="town", code="1", name="镇", boundary=square(0, 0)).path

    @pytest.mark.parametrize(
        "boundary",
        [
            {"type": "Point", "coordinates": [1, 2]}, {"type": "Nothing"}, {}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[500, 0], [501, 1], [500, 1], [500, 0]]]}, {"type": "Polygon", "coordinates": "x"},
        ],
    )  # fmt: skip
    def test_refuses_a_boundary_that_cannot_be_used(self, town, noon, boundary):
        with pytest.raises(operations.BadBoundary) as refused:
            operations.define_area(by=MAKER, at=noon, level="town", code="1", name="镇", boundary=boundary)
        assert refused.value.field == "boundary"

    def test_refuses_to_redraw_an_area_with_others_below(self, town, noon):
        areas = make_areas(noon)
        with pytest.raises(operations.HasChildren):
            operations.define_area(by=MAKER, at=noon, level="community", code=areas["east"].code, name="东", parent_id=areas["town"].pk, boundary=square(0, 0))


class TestPlaces:
    def test_finds_a_place_by_part_of_its_name_and_by_a_whole_address(self, town, noon):
        areas = make_areas(noon)
        x, y = middle(0, 1)
        operations.define_place(by=MAKER, at=noon, kind="street", name="文昌路", longitude=x, latitude=y, address="溪西社区")
        operations.define_place(by=MAKER, at=noon, kind="street", name="河滨路", longitude=x, latitude=y)
        for text in ("文昌", "文昌路 12 号门前", "云溪小镇文昌路12号"):
            found = queries.places_like(seen_by=ANYONE, text=text)
            assert [place.name for place in found] == ["文昌路"], text
        assert found[0].area_id == areas["w2"].pk
        assert queries.places_like(seen_by=ANYONE, text="文") == []


class TestDatum:
    @given(st.floats(73.7, 134.9), st.floats(18.2, 53.4))
    def test_undoes_the_shift_of_gcj02_to_a_metre(self, longitude, latitude):
        import eviltransform

        shifted_lat, shifted_lon = eviltransform.wgs2gcj(latitude, longitude)
        back = to_wgs84(shifted_lon, shifted_lat, "gcj02")
        assert back == (pytest.approx(longitude, abs=1e-5), pytest.approx(latitude, abs=1e-5))

    def test_refuses_a_datum_it_does_not_know(self):
        assert to_wgs84(120.0, 30.0) == (120.0, 30.0)
        with pytest.raises(UnknownDatum):
            to_wgs84(120, 30, "mars")


class TestTowns:
    def test_are_found_by_host_by_label_and_by_default(self, town, other_town):
        other_town.hosts = ["lanwan.gov.example"]
        with in_town(other_town.pk):  # a town's row is changed from within it only
            other_town.save()
        assert queries.town_for_host("lanwan.gov.example") == other_town
        assert queries.town_for_host("lanwan.localhost") == other_town
        assert queries.town_for_host("127.0.0.1") == town

    def test_rules_are_set_by_the_administrator_and_others_stay(self, town, noon):
        operations.set_town_rules(by=MAKER, at=noon, dispatch_organ="centre", x=1)
        operations.set_town_rules(by=MAKER, at=noon, x=None)
        assert queries.town(seen_by=ANYONE).settings == {"dispatch_organ": "centre"}
        with pytest.raises(NotAllowed):
            operations.set_town_rules(by=ANYONE, at=noon, x=2)
