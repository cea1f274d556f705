"""Trains the sentence model; see README.md here."""
