"""Screens of messages and call-backs."""
