"""OGC SensorThings (18-088): what is asked, and how answers lead on."""
