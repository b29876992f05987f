"""The parts of the city that packs bring: a package each, whose ``DOMAIN`` says what it generates and must answer."""
