"""Callers and agents' phones that speak over real SIP and RTP: demo, training, tests, load."""
