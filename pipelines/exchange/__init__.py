"""What other systems are given and what they give: descriptions in standard formats, and deliveries; no step."""
