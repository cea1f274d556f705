"""Short messages out."""
