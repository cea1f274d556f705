"""What somebody who logs in is."""

ROLES = ("agent", "technician", "supervisor", "manager", "administrator")
