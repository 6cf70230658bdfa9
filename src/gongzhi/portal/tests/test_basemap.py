"""The base map: drawn from the demo's own geometry, read in ranges; a town's own file comes first."""

import gzip

import mapbox_vector_tile
import pytest
from django.test import Client, override_settings
from pmtiles.reader import MemorySource, Reader

from gongzhi.config.demo import basemap, territory
from gongzhi.kernel.towns import current_town
from gongzhi.portal import basemaps


def columns(longitude, latitude, zoom):
    (x, y), = basemap._mercator(__import__("numpy").array([[longitude, latitude]]))
    return int(x * 2**zoom), int(y * 2**zoom)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    file = tmp_path_factory.mktemp("basemap") / "demo.pmtiles"
    basemap.write(file)
    return file.read_bytes()


class TestTheFile:
    def test_holds_the_streets_where_the_demo_says_they_are(self, made):
        reader = Reader(MemorySource(made))
        _areas, spots = territory.draw(territory.YUNXI)
        for street in (spot for spot in spots if spot.kind == "street"):
            tile = reader.get(14, *columns(street.longitude, street.latitude, 14))
            layers = mapbox_vector_tile.decode(gzip.decompress(tile))
            assert street.name in {one["properties"].get("name") for one in layers["roads"]["features"]}, street.name

    def test_names_what_it_shows_in_both_languages_and_holds_the_water_of_both_towns(self, made):
        reader = Reader(MemorySource(made))
        names = set()
        for plan in (territory.YUNXI, territory.LANWAN):
            middle = columns(*plan.centre, 9)
            for column in range(middle[0] - 1, middle[0] + 2):
                tile = reader.get(9, column, middle[1])
                for layer in (mapbox_vector_tile.decode(gzip.decompress(tile)) if tile else {}).values():
                    names |= {(one["properties"]["name"], one["properties"].get("name:en")) for one in layer["features"] if "name" in one["properties"]}
        assert {("云溪小镇", "Yunxi"), ("兰湾小镇", "Lanwan"), ("云溪", "Yunxi Stream"), ("兰湾", "Lan Bay")} <= names

    def test_is_the_one_that_is_shipped(self, made):
        shipped = (basemap.Path(basemaps.__file__).parent / "static/portal/demo.pmtiles").read_bytes()
        fresh, kept = Reader(MemorySource(made)), Reader(MemorySource(shipped))
        middle = columns(*territory.YUNXI.centre, 13)
        assert fresh.get(13, *middle) == kept.get(13, *middle), "run ./gongzhi basemap"
        assert len(shipped) < 150_000


@pytest.mark.django_db
class TestATownsOwnFile:
    @pytest.fixture
    def own(self, town, tmp_path, made):
        from gongzhi.portal.middleware import towns

        towns.forget()
        assert current_town() == town.pk
        (tmp_path / f"{town.code}.pmtiles").write_bytes(made)
        with override_settings(BASEMAPS=tmp_path):
            yield made

    @pytest.mark.parametrize(
        ("asked", "begin", "end"),
        [("bytes=0-126", 0, 127), ("bytes=127-127", 127, 128), ("bytes=-10", -10, None), ("bytes=100-", 100, None), ("bytes=0-99999999", 0, None)]
    )
    def test_is_read_in_ranges(self, own, asked, begin, end):
        answer = Client().get("/basemap.pmtiles", headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, own[begin:end])
        first = begin if begin >= 0 else len(own) + begin
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(answer.content) - 1}/{len(own)}"

    @pytest.mark.parametrize("asked", ["bytes=5-2", "bytes={size}-", "bytes=999999999999999999-"])
    def test_has_no_range_beyond_its_end(self, own, asked):
        answer = Client().get("/basemap.pmtiles", headers={"Range": asked.format(size=len(own))})
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(own)}")

    @pytest.mark.parametrize("asked", ["", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=²-3"])
    def test_is_given_whole_to_whoever_asks_for_no_one_range(self, own, asked):
        answer = Client().get("/basemap.pmtiles", headers={"Range": asked} if asked.isascii() else {})
        assert (answer.status_code, b"".join(answer.streaming_content)) == (200, own)

    def test_comes_before_the_settings_and_is_named_on_the_map(self, own, town):
        assert basemaps.address_of(town) == "/basemap.pmtiles"
        with override_settings(MAP_PMTILES="demo"):
            assert basemaps.address_of(None).endswith("portal/demo.pmtiles")
        with override_settings(MAP_PMTILES="", BASEMAPS="/nowhere"):
            assert basemaps.address_of(town) == ""
            assert Client().get("/basemap.pmtiles").status_code == 404
