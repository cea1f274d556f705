"""I/O of the telephone line that the bridge and the simulator share: SIP dialogs and RTP legs."""
