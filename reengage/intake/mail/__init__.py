"""What an e-mail says: its parts, its headers, and the words of whoever wrote it."""
