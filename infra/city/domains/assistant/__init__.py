"""The assistant that answers from a knowledge base, some of whose articles are no longer in force."""

from citylake.infra.city.domains.assistant.articles import generate_articles, write_articles
from citylake.infra.city.domains.assistant.dialogues import generate_dialogues, stale_answers, write_dialogues
from citylake.infra.city.domains.city_domain import CityDomain

DOMAIN = CityDomain(
    name="assistant",
    makers=((generate_articles, write_articles), (generate_dialogues, write_dialogues)),
    answers={"assistant_quality.stale_answers": stale_answers},
)
