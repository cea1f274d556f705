"""Concrete technology behind the service's ports."""
