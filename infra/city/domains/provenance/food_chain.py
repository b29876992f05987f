"""What truly happened to food in the city: batches, steps between them, transports, stores, sales and samples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.firms import Firm, city_firms

SEAFOOD = ("11", "12", "13", "14")
PRODUCE = ("21", "22", "23", "24")
MIXED = {"1": "19", "2": "29"}
"""First digit of a product → the code of what is mixed from such products."""
_ORIGINS, _MIXES, _SPLIT = 130, 60, 3
_SHOPS = 48
_SAMPLES, _FAILED = 70, 5


@dataclass(frozen=True, slots=True)
class FoodBatch:
    """A batch. ``kind``: 1 caught, 2 farmed, 3 grown, 4 made of others; quantities in kg, times local."""

    code: str
    product: str
    kind: str
    maker: Firm
    made_at: datetime
    kg: float


@dataclass(frozen=True, slots=True)
class FoodStep:
    """``kg`` of batch ``source`` went into batch ``made``; ``kind``: 1 split, 2 mixed, 3 processed."""

    source: str
    made: str
    kind: str
    kg: float
    at: datetime


@dataclass(frozen=True, slots=True)
class FoodSale:
    """``kg`` of a batch that ``shop`` sold."""

    batch: str
    shop: str
    at: datetime
    kg: float


@dataclass(frozen=True, slots=True)
class FoodSample:
    """A sample of a batch; ``hazard``: what was found, empty if the sample passed."""

    batch: str
    at: datetime
    hazard: str


@dataclass(slots=True)
class FoodChain:
    """Everything, in the order in which it happened to be written down."""

    batches: list[FoodBatch] = field(default_factory=list)
    steps: list[FoodStep] = field(default_factory=list)
    sales: list[FoodSale] = field(default_factory=list)
    samples: list[FoodSample] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> list[FoodBatch]:
        """The batches that came into being in one of these ways."""
        return [batch for batch in self.batches if batch.kind in kinds]


@cache
def food_chain(city: City) -> FoodChain:
    """The chain of ``city``, with the broken links that its registers truly have."""
    rng, chain = city.random("food chain"), FoodChain()
    makers = city_firms(city)[:40]
    _catch_and_harvest(city, rng, chain, makers)
    _mix(rng, chain, makers)
    lots = _split(rng, chain, makers)
    _sell(rng, chain, lots)
    _sample(rng, chain)
    _break_links(rng, chain)
    return chain


def _catch_and_harvest(city: City, rng: Random, chain: FoodChain, makers: list[Firm]) -> None:
    for number in range(1, _ORIGINS + 1):
        product = rng.choice(SEAFOOD + PRODUCE)
        kind = "3" if product in PRODUCE else rng.choice("12")
        made_at = city.at(0) + timedelta(minutes=rng.randrange(8 * 24 * 60))
        prefix = {"1": "HY", "2": "YZ", "3": "ZZ"}[kind]
        code = f"{prefix}{made_at:%y%m%d}{number:04d}"
        chain.batches.append(FoodBatch(code, product, kind, rng.choice(makers), made_at, rng.randrange(300, 3000)))


def _mix(rng: Random, chain: FoodChain, makers: list[Firm]) -> None:
    """Processors mix one to three batches of the same sort."""
    for number in range(1, _MIXES + 1):
        first = rng.choice(chain.of_kind("1", "2", "3"))
        same = [batch for batch in chain.of_kind("1", "2", "3") if batch.product[0] == first.product[0]]
        sources = rng.sample(same, rng.randint(1, 3))
        at = max(batch.made_at for batch in sources) + timedelta(minutes=rng.randrange(300, 2000))
        parts = [round(batch.kg * rng.uniform(0.05, 0.12), 1) for batch in sources]
        code, product = f"JG{at:%y%m%d}{number:04d}", MIXED[first.product[0]] if len(sources) > 1 else first.product
        made = FoodBatch(code, product, "4", rng.choice(makers), at, round(sum(parts) * rng.uniform(0.9, 0.99), 1))
        chain.batches.append(made)
        kind = "2" if len(sources) > 1 else "3"
        chain.steps += [FoodStep(each.code, code, kind, kg, at) for each, kg in zip(sources, parts, strict=True)]


def _split(rng: Random, chain: FoodChain, makers: list[Firm]) -> list[FoodBatch]:
    """Batches are split into lots for shops."""
    lots: list[FoodBatch] = []
    for batch in (*chain.of_kind("4"), *rng.sample(chain.of_kind("1", "2", "3"), 50)):
        for _ in range(rng.randint(1, _SPLIT)):
            at, kg = batch.made_at + timedelta(minutes=rng.randrange(120, 1500)), round(batch.kg * 0.2, 1)
            code = f"FZ{at:%y%m%d}{len(lots) + 1:04d}"
            lots.append(FoodBatch(code, batch.product, "4", rng.choice(makers), at, kg))
            chain.steps.append(FoodStep(batch.code, code, "1", kg, at))
    chain.batches += lots
    return lots


def _sell(rng: Random, chain: FoodChain, lots: list[FoodBatch]) -> None:
    for lot in lots:
        for shop in rng.sample(range(1, _SHOPS + 1), rng.randint(1, 3)):
            for _ in range(rng.randint(1, 5)):
                at = lot.made_at + timedelta(minutes=rng.randrange(180, 4000))
                chain.sales.append(FoodSale(lot.code, f"MD{shop:03d}", at, round(lot.kg * rng.uniform(0.01, 0.05), 2)))


def _sample(rng: Random, chain: FoodChain) -> None:
    picked = rng.sample(chain.batches, _SAMPLES)
    used = {step.source for step in chain.steps}
    mixed = [batch for batch in chain.of_kind("1", "2", "3") if batch.code in used]
    failed = [*rng.sample(mixed, _FAILED - 1), rng.choice(chain.of_kind("4"))]
    for batch in picked:
        chain.samples.append(FoodSample(batch.code, batch.made_at + timedelta(hours=rng.randint(2, 60)), ""))
    for batch in failed:
        hazard = rng.choice("14" if batch.product[0] == "2" else "234")
        chain.samples.append(FoodSample(batch.code, batch.made_at + timedelta(hours=rng.randint(20, 90)), hazard))


def _break_links(rng: Random, chain: FoodChain) -> None:
    """What a city's registers truly have: unknown batches, too much, times that run backwards, and a ring."""
    spots = rng.sample(range(len(chain.steps)), 14)
    for number, spot in enumerate(spots[:5], 1):
        chain.steps[spot] = replace(chain.steps[spot], source=f"WD2602{number:04d}")
    for spot in spots[5:9]:
        chain.steps[spot] = replace(chain.steps[spot], at=chain.steps[spot].at - timedelta(days=6))
    for spot in spots[9:11]:
        chain.steps[spot] = replace(chain.steps[spot], made=f"WC2602{spot:04d}")
    for spot in spots[11:]:
        chain.steps[spot] = replace(chain.steps[spot], kg=chain.steps[spot].kg * 40)
    lots = [batch for batch in chain.batches if batch.code.startswith("FZ")]
    for batch in rng.sample(lots, 3):
        chain.batches[chain.batches.index(batch)] = replace(batch, kg=batch.kg * 3)
    ring = rng.sample(lots, 3)
    for before, after in zip(ring, (*ring[1:], ring[0]), strict=True):
        chain.steps.append(FoodStep(before.code, after.code, "2", 1.0, after.made_at))
