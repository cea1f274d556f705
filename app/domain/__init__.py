"""What a call, a case, an offer, a ticket IS and may become. Pure: no I/O, no clock."""
