"""Who receives an export, and what of a dataset or a mart may go to them: sharing classes, readers and grades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from citylake.schemas.lint.lint_audiences import mart_datasets
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensitivity_level import GRADES, OPENNESS, PERSONAL, SensitivityLevel, sensitivity_level
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translations_of

Disclosure = Literal["name", "promise", "whole"]
"""How much of a declaration is told: that the data exist; what they promise; also their source and bindings."""
EVERYBODY: Final = sensitivity_level(Sensitivity(grade="L2"))
"""What may be shown to everyone: open, not personal, below L3."""
_NEVER_NAMED: Final = ("important", "core")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets an export. Without a department it is the public.

    ``agreement``: the document by which the receiver meets the condition of data that is shared under one.
    ``highest``: the highest sensitivity that may go there; the owner of the data has no limit.
    """

    department: str | None = None
    agreement: str = ""
    highest: SensitivityLevel = EVERYBODY
    source: bool = True
    """Whether the source and the bindings of contracts are told."""

    def owns(self, contract: Contract) -> bool:
        """Whether the receiver is the department that publishes the dataset."""
        return self.department == contract.owner.department

    def may_have(self, level: SensitivityLevel, contract: Contract | None = None) -> bool:
        """Whether values of ``level`` may go to the receiver."""
        return (contract is not None and self.owns(contract)) or not level.exceeds(self.highest)


def make_receiver(department: str | None, agreement: str, highest: str | None, *, source: bool = True) -> Receiver:
    """The receiver that the options name. Raises EXPORT_WITHOUT_RECEIVER and EXPORT_LEVEL_UNREADABLE."""
    if not department and (agreement or highest):
        raise CitylakeError("EXPORT_WITHOUT_RECEIVER", option="--agreement" if agreement else "--highest")
    level = parse_level(highest) if highest else EVERYBODY
    return Receiver(department or None, agreement.strip(), level, source)


def parse_level(text: str) -> SensitivityLevel:
    """``L3/conditional/ordinary`` as ranks: grade, openness, personal. Raises EXPORT_LEVEL_UNREADABLE."""
    words = [word.strip() for word in text.replace(",", "/").split("/")]
    scales: tuple[tuple[str, ...], ...] = (GRADES, OPENNESS, PERSONAL)
    if len(words) != len(scales) or any(word not in scale for word, scale in zip(words, scales, strict=True)):
        raise CitylakeError("EXPORT_LEVEL_UNREADABLE", text=text, known=" / ".join("|".join(each) for each in scales))
    return SensitivityLevel(*(scale.index(word) for word, scale in zip(words, scales, strict=True)))


def check_dataset(contract: Contract, registry: Registry, receiver: Receiver) -> None:
    """Refuse rows that the sharing class keeps from the receiver.

    Raises EXPORT_NOT_SHARED and EXPORT_NEEDS_AGREEMENT.
    """
    sharing = dataset_sharing(contract, registry)
    if sharing is None or sharing.sharing_class == "unconditional" or receiver.owns(contract):
        return
    to = {"dataset": contract.dataset, "department": contract.owner.department}
    if sharing.sharing_class == "none":
        raise CitylakeError("EXPORT_NOT_SHARED", **to, basis=sharing.basis or "—")
    if not receiver.agreement:
        raise CitylakeError("EXPORT_NEEDS_AGREEMENT", **to, condition=_condition(sharing))


def check_mart(mart: Mart, registry: Registry, receiver: Receiver) -> None:
    """Refuse a mart whose readers, datasets or highest sensitivity keep it from the receiver.

    Raises EXPORT_NOT_A_READER, EXPORT_ABOVE_RECEIVER, and as :func:`check_dataset`.
    """
    contracts = mart_contracts(mart, registry)
    for contract in contracts:
        check_dataset(contract, registry, receiver)
    group = registry.workspace.settings.readers.get(mart.readers or "")
    if group and group.departments and receiver.department not in group.departments:
        raise CitylakeError("EXPORT_NOT_A_READER", mart=mart.mart, departments=", ".join(group.departments))
    level = sensitivity_level(mart.highest)
    if not receiver.may_have(level) and not (contracts and all(map(receiver.owns, contracts))):
        raise CitylakeError("EXPORT_ABOVE_RECEIVER", mart=mart.mart, level=level_text(level))


def mart_contracts(mart: Mart, registry: Registry) -> list[Contract]:
    """The contracts of the datasets that the mart reads."""
    return [registry.contracts[name] for name in sorted(mart_datasets(mart, registry))]


def mart_sharing(mart: Mart, registry: Registry) -> Sharing | None:
    """The strictest sharing class of the datasets that the mart reads; none if nothing is said."""
    stated = [each for each in (dataset_sharing(one, registry) for one in mart_contracts(mart, registry)) if each]
    return max(stated, key=lambda sharing: sharing.strictness, default=None)


def disclosed(contract: Contract, registry: Registry, receiver: Receiver) -> Disclosure:
    """How much of the contract may be told to the receiver."""
    if receiver.owns(contract):
        return "whole" if receiver.source else "promise"
    sharing = dataset_sharing(contract, registry)
    if sharing is not None and sharing.sharing_class != "unconditional":
        return "name" if sharing.sharing_class == "none" else "promise"
    secret = any(is_secret_fact(registry, binding.element) for binding in contract.fields.values())
    return "whole" if receiver.source and not secret else "promise"


def disclosed_mart(mart: Mart, registry: Registry, receiver: Receiver) -> Disclosure:
    """How much of the mart's declaration may be told: as much as of the strictest dataset that it reads."""
    told = [disclosed(contract, registry, receiver) for contract in mart_contracts(mart, registry)]
    return "name" if "name" in told else "promise" if "promise" in told else "whole"


def is_secret_fact(registry: Registry, element: str) -> bool:
    """Whether the existence of a column is told to its owner alone: important and core data."""
    known = registry.elements.get(element)
    return known is not None and known.sensitivity.grade in _NEVER_NAMED


def level_text(level: SensitivityLevel) -> str:
    """``L3/conditional/ordinary``, as ``--highest`` takes it."""
    return str(level).replace(", ", "/")


def _condition(sharing: Sharing) -> object:
    return sharing.condition or translations_of("query.no_condition")
