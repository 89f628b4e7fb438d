"""Files on disk: one durable way to write them, backups, locks, owners."""
