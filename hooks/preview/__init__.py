"""Preview: what the hooks would answer and what that would change, without asking a server."""
