"""The lake as a DCAT 3 catalogue in JSON-LD; its context is within the document, so that no network is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.lake_facts import DatasetFacts, MartFacts
from citylake.pipelines.exchange.odcs.contract_document import declaration_version
from citylake.pipelines.exchange.receiver import (
    Disclosure,
    Receiver,
    disclosed,
    disclosed_mart,
    mart_contracts,
    mart_sharing,
)
from citylake.pipelines.exchange.update_cycle import UpdateCycle, update_cycle
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.place_bounds import place_bounds
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.message_catalogue import translations_of

CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#", "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "geo": "http://www.opengis.net/ont/geosparql#",
}  # fmt: skip
ODCS_STANDARD: Final = "https://bitol-io.github.io/open-data-contract-standard/v3.2.0/"
_FREQUENCY: Final = "http://publications.europa.eu/resource/authority/frequency/"
_CYCLES: Final[Mapping[UpdateCycle, str]] = {
    "continuous": "CONT", "hourly": "HOURLY", "daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY",
    "quarterly": "QUARTERLY", "yearly": "ANNUAL", "other": "OTHER",
}  # fmt: skip
Node = dict[str, Any]


@dataclass(slots=True)
class CatalogueBuilder:
    """Collects the nodes of a catalogue; what a node refers to is described once."""

    registry: Registry
    receiver: Receiver
    iris: Iris
    nodes: dict[str, Node] = field(default_factory=dict)

    def build(
        self,
        datasets: Iterable[Contract],
        marts: Iterable[Mart],
        dataset_facts: Mapping[str, DatasetFacts],
        mart_facts: Mapping[str, MartFacts],
    ) -> dict[str, Any]:
        """The document. ``…_facts``: what the lake knows of them, without those that it has not."""
        members = [self._dataset(each, dataset_facts.get(each.dataset)) for each in datasets]
        members += [self._mart(each, mart_facts.get(each.mart)) for each in marts]
        name = self.registry.workspace.settings.name or LocalizedText(zh="城市数据湖", en="city data lake")
        catalogue = {
            "@id": self.iris.of("catalogue", "lake"),
            "@type": "dcat:Catalog",
            "dct:title": _texts(name),
            "dct:description": _texts(name),
            "dct:publisher": _ref(self._agent(name.zh)),
            "dct:conformsTo": _ref("http://www.w3.org/ns/dcat#"),
            "dcat:dataset": [_ref(each) for each in members],
        }
        return {"@context": CONTEXT, "@graph": [catalogue, *self.nodes.values()]}

    def _dataset(self, contract: Contract, facts: DatasetFacts | None) -> str:
        told = disclosed(contract, self.registry, self.receiver)
        iri = self.iris.of("dataset", contract.dataset)
        sharing = dataset_sharing(contract, self.registry)
        node = dict(self._common(iri, contract.dataset, contract.title, sharing))
        if contract.description and told != "name":
            node["dct:description"] = _texts(contract.description)
        node |= {
            "dct:publisher": _ref(self._agent(contract.owner.department)),
            "dcat:theme": _ref(self._theme(contract.dataset.partition(".")[0])),
            "dcat:version": declaration_version(contract),
        }
        if told != "name":
            if contract.schedule:
                node["dct:accrualPeriodicity"] = _ref(_FREQUENCY + _CYCLES[update_cycle(contract.schedule.cron)])
            node |= self._contact(contract)
            node |= dict(self._coverage(place_bounds(contract, self.registry), facts))
        if told == "whole" and facts:
            form = {"dct:format": "Delta Lake (Parquet)", "dcat:mediaType": _media("application/vnd.apache.parquet")}
            node["dcat:distribution"] = _ref(self._distribution(iri, facts.place, form))
        self.nodes[iri] = node
        return iri

    def _mart(self, mart: Mart, facts: MartFacts | None) -> str:
        told: Disclosure = disclosed_mart(mart, self.registry, self.receiver)
        iri = self.iris.of("mart", mart.mart)
        node = dict(self._common(iri, mart.mart, mart.title, mart_sharing(mart, self.registry)))
        name = self.registry.workspace.settings.name
        node |= {
            "dct:description": _texts(mart.audience),
            "dct:publisher": _ref(self._agent(name.zh if name else "城市数据湖")),
            "dcat:version": facts.version if facts else declaration_version(mart),
        }
        if told != "name":
            sources = [self.iris.of("dataset", each.dataset) for each in mart_contracts(mart, self.registry)]
            node |= {"dct:source": [_ref(each) for each in sources]} if sources else {}
            node |= dict(self._coverage(self.registry.workspace.settings.bounds, None))
        if told == "whole" and facts:
            node["dct:issued"] = {"@value": facts.published_at, "@type": "xsd:dateTime"}
            form = {
                "dct:format": "DuckDB",
                "dcat:byteSize": {"@value": str(facts.size), "@type": "xsd:nonNegativeInteger"},
            }
            node["dcat:distribution"] = _ref(self._distribution(iri, facts.place, form))
        self.nodes[iri] = node
        return iri

    def _common(self, iri: str, name: str, title: LocalizedText, sharing: Sharing | None) -> Iterator[tuple[str, Any]]:
        yield "@id", iri
        yield "@type", "dcat:Dataset"
        yield "dct:identifier", name
        yield "dct:title", _texts(title)
        yield "dct:description", _texts(title)
        contract = self.iris.of("contract", name)
        self.nodes[contract] = {"@id": contract, "@type": "dct:Standard", "dct:conformsTo": _ref(ODCS_STANDARD)}
        yield "dct:conformsTo", _ref(contract)
        if sharing:
            yield "dct:accessRights", _ref(self._rights(name, sharing))

    def _coverage(self, box: PlaceBox | None, facts: DatasetFacts | None) -> Iterator[tuple[str, Any]]:
        if box:
            yield (
                "dct:spatial",
                {"@type": "dct:Location", "dcat:bbox": {"@value": box_text(box), "@type": "geo:wktLiteral"}},
            )
        if facts and facts.first and facts.last:
            days = {"dcat:startDate": _day(facts.first), "dcat:endDate": _day(facts.last)}
            yield "dct:temporal", {"@type": "dct:PeriodOfTime", **days}

    def _rights(self, name: str, sharing: Sharing) -> str:
        iri = self.iris.of("rights", name)
        said = translations_of(f"query.sharing_{sharing.sharing_class}")
        more = _texts(sharing.condition) if sharing.condition else []
        more += [{"@value": sharing.basis}] if sharing.basis else []
        label = {"rdfs:label": _texts(said)} if said else {}
        about = {"dct:description": more} if more else {}
        self.nodes[iri] = {
            "@id": iri,
            "@type": "dct:RightsStatement",
            "dct:identifier": sharing.sharing_class,
            **label,
            **about,
        }
        return iri

    def _distribution(self, dataset: str, place: str, form: Node) -> str:
        iri = self.iris.of("file", place)
        self.nodes[iri] = {"@id": iri, "@type": "dcat:Distribution", "dcat:accessURL": _ref(iri), **form}
        return iri

    def _agent(self, name: str) -> str:
        iri = self.iris.of("department", name)
        self.nodes[iri] = {"@id": iri, "@type": "foaf:Organization", "foaf:name": [{"@value": name, "@language": "zh"}]}
        return iri

    def _theme(self, subject: str) -> str:
        iri = self.iris.of("subject", subject)
        self.nodes[iri] = {"@id": iri, "@type": "skos:Concept", "skos:notation": subject}
        return iri

    def _contact(self, contract: Contract) -> Node:
        steward = contract.owner.steward
        if not steward or "@" not in steward:
            return {}
        iri = self.iris.of("contact", steward)
        card = {"vcard:fn": contract.owner.department, "vcard:hasEmail": _ref(f"mailto:{steward}")}
        self.nodes[iri] = {"@id": iri, "@type": "vcard:Organization", **card}
        return {"dcat:contactPoint": _ref(iri)}


def box_text(box: PlaceBox) -> str:
    """West, south, east and north as a polygon of WKT."""
    west, south, east, north = box
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "POLYGON((" + ", ".join(f"{x:g} {y:g}" for x, y in corners) + "))"


def _texts(text: LocalizedText) -> list[Node]:
    return [{"@value": text.zh, "@language": "zh"}, {"@value": text.en, "@language": "en"}]


def _day(day: str) -> Node:
    return {"@value": day, "@type": "xsd:date"}


def _media(name: str) -> Node:
    return _ref(f"https://www.iana.org/assignments/media-types/{name}")


def _ref(iri: str) -> Node:
    return {"@id": iri}
