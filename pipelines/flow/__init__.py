"""The conductor: which steps run in which order, and what they pass on. No step does its own work here."""
