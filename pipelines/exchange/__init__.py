"""What leaves the lake for other systems, and what comes from them, in standard formats; no step of a run."""
