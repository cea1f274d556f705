"""Screens of the queue and presence."""
