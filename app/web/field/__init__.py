"""Screens of the field."""
