"""Screens of calls."""
