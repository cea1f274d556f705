"""Tests of calls: the link, legs and rooms, media, the bridge."""
