"""Preview: what the hooks would answer, and what that would change, without a hook server."""
