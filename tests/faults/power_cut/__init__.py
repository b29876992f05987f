"""Power cuts: a run on a layer that records changes and syncs, and the disk that is left without unsynced ones."""
