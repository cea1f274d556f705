"""The operator's customer system and lists."""
