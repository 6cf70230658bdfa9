"""The catalogue as RDF after DCAT-AP 3.0.0, in Turtle, JSON-LD or RDF/XML. Pure: plain words in, text out.

Codes are those of the EU's authority tables (https://op.europa.eu/en/web/eu-vocabularies): frequency, file-type, language, data-theme,
licence, access-right, planned-availability. The classes of what they stand for are said with them, so that the catalogue can be checked
without fetching anything.
"""

from datetime import date
from typing import TYPE_CHECKING

from gongzhi.management_line.opendata.catalogue import Catalogue, Dataset, File, Words

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node, URIRef

EU = "http://publications.europa.eu/resource/authority/"
CC_BY = EU + "licence/CC_BY_4_0"
THEMES = {"ENVI": {"en": "Environment", "zh": "环境"}}
LANGUAGES = {"zh": "ZHO", "en": "ENG"}
# ending → (rdflib's name, media type)
FORMS = {"ttl": ("turtle", "text/turtle"), "jsonld": ("json-ld", "application/ld+json"), "rdf": ("xml", "application/rdf+xml")}
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#",
    "locn": "http://www.w3.org/ns/locn#", "geo": "http://www.opengis.net/ont/geosparql#", "dcatap": "http://data.europa.eu/r5r/", "adms": "http://www.w3.org/ns/adms#",
}  # fmt: skip


def written(given: Catalogue, *, root: str, form: str) -> str:
    """Return the catalogue as text; `root` is the installation's address with its last slash, `form` an ending of FORMS."""
    name = FORMS[form][0]
    graph = graph_of(given, root=root)
    if name == "json-ld":
        return str(graph.serialize(format=name, context=CONTEXT, indent=1))
    return str(graph.serialize(format=name))


def graph_of(given: Catalogue, *, root: str) -> "Graph":
    """Return the catalogue as a graph."""
    from rdflib import Graph

    writer = _Writer(Graph(), root)
    for prefix, space in CONTEXT.items():
        writer.graph.bind(prefix, space)
    writer.catalogue(given)
    return writer.graph


class _Writer:
    """Puts the parts of a catalogue into a graph."""

    def __init__(self, graph: "Graph", root: str) -> None:
        from rdflib import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Namespace

        self.graph, self.root = graph, root
        self.dcat, self.dct, self.foaf, self.rdf, self.skos, self.xsd = DCAT, DCTERMS, FOAF, RDF, SKOS, XSD
        self.vcard, self.geo, self.dcatap = Namespace(CONTEXT["vcard"]), Namespace(CONTEXT["geo"]), Namespace(CONTEXT["dcatap"])
        self.locn = Namespace(CONTEXT["locn"])

    def at(self, path: str) -> "URIRef":
        """Return the address of something of this installation."""
        from rdflib import URIRef

        return URIRef(self.root + path.lstrip("/"))

    def say(self, about: "Node", *pairs: "tuple[Node, Node]") -> None:
        for verb, thing in pairs:
            self.graph.add((about, verb, thing))

    def words(self, about: "Node", verb: "Node", words: Words) -> None:
        from rdflib import Literal

        for language, text in words.items():
            self.graph.add((about, verb, Literal(text, lang=language)))

    def code(self, table: str, code: str, kind: "Node") -> "URIRef":
        """Return the address of a code of an authority table, with what it is."""
        from rdflib import URIRef

        found = URIRef(EU + f"{table}/{code}")
        self.graph.add((found, self.rdf.type, kind))
        return found

    def catalogue(self, given: Catalogue) -> None:
        from rdflib import Literal, URIRef

        self.licence = URIRef(given.licence)
        self.say(self.licence, (self.rdf.type, self.dct.LicenseDocument))
        if given.licence == CC_BY:
            self.say(self.licence, (self.dct.type, self.concept("http://purl.org/adms/licencetype/Attribution", "Attribution")))
        self.themes = []
        for code, words in THEMES.items():
            theme = self.code("data-theme", code, self.skos.Concept)
            self.words(theme, self.skos.prefLabel, words)
            self.themes.append(theme)
        taxonomy = URIRef(EU + "data-theme")
        self.say(taxonomy, (self.rdf.type, self.skos.ConceptScheme))
        self.words(taxonomy, self.dct.title, {"en": "Data theme", "zh": "数据主题"})
        self.publisher = self.at("opendata/#publisher")
        self.say(self.publisher, (self.rdf.type, self.foaf.Agent), (self.foaf.homepage, self.document("/")))
        self.say(self.publisher, (self.dct.type, self.concept("http://purl.org/adms/publishertype/LocalAuthority", "Local Authority")))
        self.words(self.publisher, self.foaf.name, given.publisher)
        self.contact = self.at("opendata/#contact")
        self.say(self.contact, (self.rdf.type, self.vcard.Kind), (self.vcard.fn, Literal(given.contact.name)))
        if given.contact.mail:
            self.say(self.contact, (self.vcard.hasEmail, URIRef(f"mailto:{given.contact.mail}")))
        if given.contact.telephone:
            number = "".join(sign for sign in given.contact.telephone if sign in "0123456789" or sign == "+")
            self.say(self.contact, (self.vcard.hasTelephone, URIRef(f"tel:{number}")))
        self.say(self.contact, (self.vcard.hasURL, self.at("opendata/")))
        self.town = self.at("opendata/#town")
        self.place(self.town, given)
        catalogue = self.at("opendata/catalog")
        self.say(
            catalogue, (self.rdf.type, self.dcat.Catalog), (self.dct.publisher, self.publisher), (self.dct.license, self.licence),
            (self.dct.issued, Literal(given.issued)), (self.dct.modified, Literal(given.modified)), (self.foaf.homepage, self.document("opendata/")),
            (self.dcat.themeTaxonomy, taxonomy), (self.dcat.contactPoint, self.contact), (self.dct.spatial, self.town),
        )  # fmt: skip
        for name in LANGUAGES.values():
            self.say(catalogue, (self.dct.language, self.code("language", name, self.dct.LinguisticSystem)))
        self.words(catalogue, self.dct.title, given.title)
        self.words(catalogue, self.dct.description, given.text)
        for dataset in given.datasets:
            self.say(catalogue, (self.dcat.dataset, self.dataset(dataset)))

    def concept(self, address: str, name: str) -> "URIRef":
        from rdflib import Literal, URIRef

        found = URIRef(address)
        self.say(found, (self.rdf.type, self.skos.Concept), (self.skos.prefLabel, Literal(name, lang="en")))
        return found

    def document(self, path: str) -> "URIRef":
        found = self.at(path)
        self.say(found, (self.rdf.type, self.foaf.Document))
        return found

    def place(self, place: "URIRef", given: Catalogue) -> None:
        """Say where the town is: its name, its rectangle."""
        from rdflib import RDFS, Literal

        self.say(place, (self.rdf.type, self.dct.Location))
        self.words(place, RDFS.label, given.publisher)
        if given.bounds:
            west, south, east, north = given.bounds
            box = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
            middle = f"POINT({(west + east) / 2:.5f} {(south + north) / 2:.5f})"
            self.say(place, (self.dcat.bbox, Literal(box, datatype=self.geo.wktLiteral)), (self.dcat.centroid, Literal(middle, datatype=self.geo.wktLiteral)))

    def period(self, about: "Node", first: date, last: date) -> None:
        from rdflib import BNode, Literal

        period = BNode()
        self.say(about, (self.dct.temporal, period))
        self.say(period, (self.rdf.type, self.dct.PeriodOfTime), (self.dcat.startDate, Literal(first)), (self.dcat.endDate, Literal(last)))

    def dataset(self, given: Dataset) -> "URIRef":
        from rdflib import BNode, Literal

        found = self.at(f"opendata/#{given.key}")
        self.say(
            found, (self.rdf.type, self.dcat.Dataset), (self.dct.identifier, Literal(f"{self.root}opendata/#{given.key}")),
            (self.dct.publisher, self.publisher),
            (self.dcat.contactPoint, self.contact), (self.dct.accrualPeriodicity, self.code("frequency", given.frequency, self.dct.Frequency)),
            (self.dct.accessRights, self.code("access-right", "PUBLIC", self.dct.RightsStatement)), (self.dcat.landingPage, self.document(given.page)),
        )  # fmt: skip
        for theme in self.themes:
            self.say(found, (self.dcat.theme, theme))
        for name in LANGUAGES.values():
            self.say(found, (self.dct.language, self.code("language", name, self.dct.LinguisticSystem)))
        self.words(found, self.dct.title, given.title)
        self.words(found, self.dct.description, given.text)
        for keyword in given.keywords:
            self.words(found, self.dcat.keyword, keyword)
        if given.longitude is None or given.latitude is None:
            self.say(found, (self.dct.spatial, self.town))
        else:
            spot = BNode()
            point = Literal(f"POINT({given.longitude} {given.latitude})", datatype=self.geo.wktLiteral)
            self.say(found, (self.dct.spatial, spot))
            self.say(spot, (self.rdf.type, self.dct.Location), (self.dcat.centroid, point))
            self.words(spot, self.skos.prefLabel, given.title)
        self.period(found, given.first, given.last)
        for standard in given.standards:
            norm = BNode()
            self.say(found, (self.dct.conformsTo, norm))
            self.say(norm, (self.rdf.type, self.dct.Standard), (self.dct.title, Literal(standard)))
        for file in given.files:
            self.say(found, (self.dcat.distribution, self.file(file, given)))
        return found

    def file(self, given: File, of: Dataset) -> "URIRef":
        from rdflib import RDFS, URIRef

        found = self.at(given.path + "#file")
        media = URIRef("https://www.iana.org/assignments/media-types/text/csv")
        self.say(media, (self.rdf.type, self.dct.MediaType))
        self.say(
            found, (self.rdf.type, self.dcat.Distribution), (self.dcat.accessURL, self.at(given.path)), (self.dcat.downloadURL, self.at(given.path)),
            (self.dct.license, self.licence), (self.dct["format"], self.code("file-type", "CSV", self.dct.MediaTypeOrExtent)), (self.dcat.mediaType, media),
            (self.dcatap.availability, self.code("planned-availability", "STABLE", self.skos.Concept)),
        )  # fmt: skip
        self.say(self.at(given.path), (self.rdf.type, RDFS.Resource))  # which everything is; some checkers want to read it
        self.words(URIRef(EU + "planned-availability/STABLE"), self.skos.prefLabel, {"en": "stable", "zh": "稳定"})
        self.words(found, self.dct.title, given.title)
        self.words(found, self.dct.description, of.text)
        for name in LANGUAGES.values():
            self.say(found, (self.dct.language, self.code("language", name, self.dct.LinguisticSystem)))
        return found
