"""Context brokers: NGSI-LD and NGSIv2."""
