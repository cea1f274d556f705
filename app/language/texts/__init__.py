"""Texts for speech models and voices."""
