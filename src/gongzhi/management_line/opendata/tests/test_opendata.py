"""Open data: CSV that says what was measured, and a catalogue that other portals can read."""

import csv
import io
import os
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from rdflib import DCAT, DCTERMS, FOAF, RDF, Graph, Literal, URIRef

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.opendata import dcat, queries, views
from gongzhi.management_line.sensing import operations
from gongzhi.management_line.sensing.models import Station
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal.middleware import towns

pytestmark = pytest.mark.django_db
REAL = Path(os.environ.get("GONGZHI_DATA", Path(__file__).parents[6] / "shared" / "data")) / "dcat"
BY = system("test")
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 11, 10)
ROOT = "http://testserver/"


@pytest.fixture
def world(town, noon):
    """Give an air station with a day of hours, one of them faulty, and a waste-water outlet with a single reading."""
    towns.forget()
    memory.forget()
    _made, outlet, _device = make_station(noon)
    place = {"longitude": 120.01, "latitude": 30.25}
    air = operations.register_station(by=MAKER, at=noon - timedelta(days=30), code="air", name="空气站", name_en="Air", kind="air", **place)
    for station, factor, unit, value in ((air, "a34004", "ug/m³", 41.5), (air, "a05024", "ug/m³", 60.0), (outlet, "w01018", "mg/L", 40.0)):
        series = operations.define_series(by=BY, at=datetime(2026, 11, 10, tzinfo=ZONE), station_id=station.pk, factor=factor, unit=unit, aggregate="hour.avg")
        moments = [datetime(2026, 11, 10, hour, tzinfo=ZONE) for hour in range(24)]
        flags = ["D" if hour == 3 else "N" for hour in range(24)]
        operations.take_measurements(by=BY, at=noon, key=uuid.uuid4(), series_ids=[series.pk] * 24, moments=moments, values=[value] * 24, flags=flags)
    while operations.roll_up(by=BY, at=noon):
        pass
    return air, outlet


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def graph(form="ttl"):
    found = Graph()
    found.parse(data=Client().get(f"/opendata/catalog.{form}").content.decode(), format=dcat.FORMS[form][0])
    return found


class TestHours:
    def test_give_a_month_of_a_station(self, world):
        found = rows(Client().get("/opendata/air/2026-11.csv"))
        day = [row for row in found if row["factor"] == "a34004" and row["begins_at"].startswith("2026-11-10")]
        assert [row["begins_at"] for row in day] == [datetime(2026, 11, 10, hour, tzinfo=ZONE).isoformat() for hour in range(24)]
        assert {row["mean"] for row in day if row["valid"] == "1"} == {"41.5"}
        assert (day[3]["mean"], day[3]["readings"], day[3]["valid"], day[3]["marks"]) == ("", "1", "0", "D:1")
        assert (day[0]["station"], day[0]["name_zh"], day[0]["unit"], day[0]["aggregate"]) == ("air", "PM2.5", "ug/m³", "hour.avg")

    def test_show_the_hours_in_which_nothing_came(self, world):
        later = [row for row in rows(Client().get("/opendata/air/2026-11.csv")) if row["begins_at"][:13] == "2026-11-11T05" and row["factor"] == "a34004"]
        assert [(row["readings"], row["due"], row["mean"]) for row in later] == [("0", "1", "")]

    def test_of_a_year_are_those_of_its_months(self, world):
        year, month = rows(Client().get("/opendata/air/2026.csv")), rows(Client().get("/opendata/air/2026-11.csv"))
        assert [row for row in year if row["begins_at"].startswith("2026-11")] == month

    def test_have_one_head_in_every_language_and_may_be_fetched_from_elsewhere(self, world):
        texts = {Client().get("/opendata/air/2026-11.csv", headers={"Accept-Language": language}).getvalue() for language in ("en", "zh-CN")}
        assert len(texts) == 1
        assert Client().get("/opendata/air/2026-11.csv").headers["Access-Control-Allow-Origin"] == "*"

    @pytest.mark.parametrize("path", ["air/2026-13.csv", "air/2026-00.csv", "air/0000.csv", "nothing/2026.csv", "outlet/air-2026.csv", "air/air-0000.csv"])
    def test_of_what_is_not_there_are_not_found(self, world, path):
        assert Client().get(f"/opendata/{path}").status_code == 404

    def test_give_the_daily_index_with_why_it_is_not_there(self, world):
        found = {row["day"]: row for row in rows(Client().get("/opendata/air/air-2026.csv"))}
        assert found["2026-11-10"]["PM2.5"] == "41.5"
        assert found["2026-11-10"]["aqi"] == ""  # four pollutants are missing
        assert found["2026-11-10"]["is_final"] == "yes"

    def test_are_those_of_public_stations_whoever_asks(self, world):
        Station.objects.filter(code="air").update(is_public=False)
        assert Client().get("/opendata/air/2026-11.csv").status_code == 404
        assert "air-air" not in {dataset.key for dataset in queries.catalogue(seen_by=ANYONE, at=datetime(2026, 11, 18, tzinfo=ZONE)).datasets}


class TestCatalog:
    def test_names_every_dataset_with_what_the_profile_asks_for(self, world):
        found = graph()
        catalogue = found.value(predicate=RDF.type, object=DCAT.Catalog)
        assert catalogue == URIRef(ROOT + "opendata/catalog")
        about = (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.license, DCTERMS.language, DCTERMS.modified, DCTERMS.spatial, FOAF.homepage)
        for verb in about:
            assert found.value(catalogue, verb) is not None, verb
        datasets = set(found.objects(catalogue, DCAT.dataset))
        assert datasets == set(found.subjects(RDF.type, DCAT.Dataset))
        assert datasets == {URIRef(f"{ROOT}opendata/#{key}") for key in ("hours-air", "air-air", "hours-outlet", "exceedances")}
        for dataset in datasets:
            for verb in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.theme, DCTERMS.accrualPeriodicity, DCTERMS.temporal,
                         DCTERMS.spatial, DCAT.keyword, DCTERMS.accessRights):  # fmt: skip
                assert found.value(dataset, verb) is not None, (dataset, verb)
            assert {title.language for title in found.objects(dataset, DCTERMS.title)} == {"zh", "en"}
            frequency = str(found.value(dataset, DCTERMS.accrualPeriodicity))
            assert frequency.rsplit("/", 1) in [[dcat.EU + "frequency", code] for code in ("HOURLY", "DAILY", "CONT")]
            period = found.value(dataset, DCTERMS.temporal)
            assert found.value(period, DCAT.startDate) <= found.value(period, DCAT.endDate)

    def test_every_file_it_names_can_be_fetched_as_it_says(self, world):
        found = graph()
        files = set(found.subjects(RDF.type, DCAT.Distribution))
        assert len(files) == 6
        for file in files:
            assert found.value(file, DCTERMS.license) == URIRef(dcat.CC_BY)
            assert found.value(file, DCTERMS["format"]) == URIRef(dcat.EU + "file-type/CSV")
            answer = Client().get(str(found.value(file, DCAT.downloadURL)).removeprefix(ROOT.rstrip("/")))
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/csv")
        hours = URIRef(ROOT + "opendata/#hours-air")
        assert found.value(found.value(hours, DCTERMS.temporal), DCAT.startDate) == Literal(DAY)
        assert "POINT(120.01 30.25)" in str(found.value(found.value(hours, DCTERMS.spatial), DCAT.centroid))

    def test_says_the_same_in_every_form(self, world):
        sizes = {form: len(graph(form)) for form in dcat.FORMS}
        assert len(set(sizes.values())) == 1, sizes
        assert sizes["ttl"] > 100

    @pytest.mark.parametrize(
        ("accept", "form"),
        [
            ("text/turtle", "ttl"), ("application/ld+json", "jsonld"), ("application/json", "jsonld"), ("application/rdf+xml", "rdf"), ("*/*", "ttl"),
            ("", "ttl"),
            ("text/turtle;q=0.3, application/ld+json;q=0.9", "jsonld"), ("text/*", "ttl"), ("text/html,application/xhtml+xml,*/*;q=0.8", "html"),
            ("text/turtle;q=0, */*;q=0", ""), ("image/png", ""), ("text/turtle;q=x, application/ld+json", "jsonld"),
        ],
    )  # fmt: skip
    def test_comes_in_the_form_that_is_liked_best(self, accept, form):
        assert views._accepted(accept) == form

    def test_leads_people_to_their_page_and_refuses_what_it_cannot_write(self, world):
        browser = Client()
        assert browser.get("/opendata/catalog", headers={"Accept": "text/html"}).headers["Location"] == "/opendata/"
        assert browser.get("/opendata/catalog", headers={"Accept": "image/png"}).status_code == 406
        answer = browser.get("/opendata/catalog", headers={"Accept": "application/ld+json"})
        assert answer.headers["Content-Type"].startswith("application/ld+json")
        assert answer.json()["@graph"]

    def test_of_a_town_without_stations_is_still_a_catalogue(self, town, other_town):
        towns.forget()
        with in_town(other_town.pk):
            found = queries.catalogue(seen_by=ANYONE, at=datetime(2026, 11, 18, tzinfo=ZONE))
        assert found.datasets == ()
        assert "dcat:Catalog" in dcat.written(found, root=ROOT, form="ttl")

    @pytest.mark.parametrize(
        "shapes", [("shapes.ttl",), ("shapes.ttl", "range.ttl"), ("dcat-ap-SHACL.ttl",), ("dcat-ap_2.1.1_shacl_shapes.ttl",)]
    )
    def test_keeps_the_shapes_of_dcat_ap(self, world, shapes):
        if not all((REAL / name).exists() for name in shapes):
            pytest.skip("the shapes of DCAT-AP are not on this machine")
        pyshacl = pytest.importorskip("pyshacl")
        wanted = Graph()
        for name in shapes:
            wanted.parse(REAL / name, format="turtle")
        keeps, _report, text = pyshacl.validate(graph(), shacl_graph=wanted, advanced=True)
        assert keeps, text


    def test_has_all_that_dcat_ap_recommends_but_rectangles_of_points(self, world):
        if not (REAL / "shapes_recommended.ttl").exists():
            pytest.skip("the shapes of DCAT-AP are not on this machine")
        pyshacl = pytest.importorskip("pyshacl")
        _keeps, report, text = pyshacl.validate(graph(), shacl_graph=Graph().parse(REAL / "shapes_recommended.ttl", format="turtle"), advanced=True)
        missing = set(report.objects(None, URIRef("http://www.w3.org/ns/shacl#resultPath")))
        assert missing <= {DCAT.bbox, DCAT.centroid}, text  # the made town has no boundary


class TestPage:
    def test_shows_datasets_files_licence_and_whom_to_ask(self, world):
        page = Client().get("/opendata/", headers={"Accept-Language": "en"}).content.decode()
        for words in ("CC BY 4.0", "/opendata/air/2026-11.csv", "/opendata/air/air-2026.csv", "/opendata/catalog.ttl", "/environment/exceedances.csv"):
            assert words in page, words
