"""The voice process: SIP, media, recording and the link to the brain. It decides nothing."""
