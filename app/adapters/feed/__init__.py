"""The live feed in memory or Redis."""
