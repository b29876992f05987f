"""The DCAT catalogue as a graph: what it says of a dataset and a mart, and what it does not say of closed data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import DCAT, DCTERMS, Graph, URIRef
from rdflib.compare import to_isomorphic

from citylake.pipelines.exchange.export_formats import choose, export_dcat
from citylake.pipelines.exchange.exported_files import ExportFolder
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.odcs.contract_document import declaration_version
from citylake.pipelines.exchange.receiver import Receiver
from tests.pipelines.exchange.conftest import ExchangeCity

# The library's own parser of JSON-LD uses a class of its own that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
BASE = "https://data.example"
EXPECTED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix b: <https://data.example/> .
b:catalogue\\/lake a dcat:Catalog ; dct:title "蓝海"@zh, "Lanhai"@en ; dct:description "蓝海"@zh, "Lanhai"@en ;
  dct:publisher <https://data.example/department/%E8%93%9D%E6%B5%B7> ; dct:conformsTo <http://www.w3.org/ns/dcat#> ;
  dcat:dataset b:dataset\\/air.readings .
<https://data.example/department/%E8%93%9D%E6%B5%B7> a foaf:Organization ; foaf:name "蓝海"@zh .
<https://data.example/department/%E7%94%9F%E6%80%81%E7%8E%AF%E5%A2%83%E5%B1%80> a foaf:Organization ;
  foaf:name "生态环境局"@zh .
b:dataset\\/air.readings a dcat:Dataset ; dct:identifier "air.readings" ;
  dct:title "空气质量读数"@zh, "air-quality readings"@en ;
  dct:description "空气质量读数"@zh, "air-quality readings"@en ;
  dct:publisher <https://data.example/department/%E7%94%9F%E6%80%81%E7%8E%AF%E5%A2%83%E5%B1%80> ;
  dct:conformsTo b:contract\\/air.readings ; dcat:theme b:subject\\/air ; dcat:version "{version}" ;
  dct:spatial [ a dct:Location ;
    dcat:bbox "POLYGON((120 30, 121.5 30, 121.5 31, 120 31, 120 30))"^^geo:wktLiteral ] ;
  dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "2026-03-01"^^xsd:date ; dcat:endDate "2026-03-02"^^xsd:date ] ;
  dcat:distribution <https://data.example/file/standard%2Fair.readings> .
b:contract\\/air.readings a dct:Standard ;
  dct:conformsTo <https://bitol-io.github.io/open-data-contract-standard/v3.2.0/> .
b:subject\\/air a skos:Concept ; skos:notation "air" .
<https://data.example/file/standard%2Fair.readings> a dcat:Distribution ;
  dcat:accessURL <https://data.example/file/standard%2Fair.readings> ; dct:format "Delta Lake (Parquet)" ;
  dcat:mediaType <https://www.iana.org/assignments/media-types/application/vnd.apache.parquet> .
"""


def _graph(city: ExchangeCity, folder: Path, receiver: Receiver, *datasets: str, marts: tuple[str, ...] = ()) -> Graph:
    chosen = choose(city.registry, datasets, marts, every=True)
    export_dcat(city.registry, city.lake, receiver, chosen, ExportFolder(folder), Iris(BASE))
    return Graph().parse(folder / "catalogue.jsonld", format="json-ld")


def test_a_catalogue_is_the_graph_that_it_should_be(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    version = declaration_version(exchange_city.registry.contracts["air.readings"])
    expected = Graph().parse(data=EXPECTED.format(version=version), format="turtle")
    found = _graph(exchange_city, tmp_path, Receiver(), "air.readings")
    assert to_isomorphic(found) == to_isomorphic(expected), found.serialize(format="turtle")


def test_access_rights_are_the_sharing_classes(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    graph = _graph(exchange_city, tmp_path, Receiver())
    rights = {
        str(graph.value(dataset, DCTERMS.identifier)): str(graph.value(right, DCTERMS.identifier))
        for dataset, right in graph.subject_objects(DCTERMS.accessRights)
    }
    assert rights == {"social.persons": "conditional", "police.posts": "none"}
    frequency = graph.value(URIRef(f"{BASE}/dataset/social.persons"), DCTERMS.accrualPeriodicity)
    assert str(frequency).endswith("/DAILY")
    contact = graph.value(URIRef(f"{BASE}/dataset/social.persons"), DCAT.contactPoint)
    assert "mailto:persons@example.org" in {str(each) for each in graph.objects(contact)}


def test_files_of_closed_data_are_told_to_their_owner(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    posts = URIRef(f"{BASE}/dataset/police.posts")
    for name, receiver, told in (("all", Receiver(), False), ("own", Receiver("市公安局"), True)):
        graph = _graph(exchange_city, tmp_path / name, receiver, "police.posts")
        assert (graph.value(posts, DCAT.distribution) is not None) == told


def test_a_mart_names_its_version_its_file_and_its_datasets(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    graph = _graph(exchange_city, tmp_path, Receiver(), marts=("air",))
    mart = URIRef(f"{BASE}/mart/air")
    pointer = json.loads((exchange_city.root / "lake/marts/air/current.json").read_text())
    assert str(graph.value(mart, URIRef("http://www.w3.org/ns/dcat#version"))) == pointer["version"]
    size = graph.value(graph.value(mart, DCAT.distribution), DCAT.byteSize)
    assert int(str(size)) == (exchange_city.root / "lake/marts/air" / pointer["file"]).stat().st_size
    assert graph.value(mart, DCTERMS.source) == URIRef(f"{BASE}/dataset/air.readings")
