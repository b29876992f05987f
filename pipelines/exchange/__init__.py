"""What leaves the lake for other systems, and what comes from them: descriptions in the standard formats, deliveries; no pipeline step."""
