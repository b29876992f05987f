"""Which data elements a field may be, with evidence for and against. It reads values and writes nothing."""
