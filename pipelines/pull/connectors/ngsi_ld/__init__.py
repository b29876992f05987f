"""``ngsi_ld``: entities of an NGSI-LD or NGSIv2 context broker, page by page."""
