"""The feed: in memory of one brain, or in Redis for several."""
