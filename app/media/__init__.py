"""Pure bytes: G.711, RTP, SDP, jitter buffer, speech segments, WAV. No I/O, no clock."""
