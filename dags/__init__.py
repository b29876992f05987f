"""WHEN it runs: DAGs and tasks made from declarations. Only wiring lives here: no step, no rule, no heavy import."""
