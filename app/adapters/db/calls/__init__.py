"""Calls in the database."""
