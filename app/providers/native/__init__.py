"""The local embedder's fast engine: C that is compiled where it runs, and the wheel's own where it cannot be."""
