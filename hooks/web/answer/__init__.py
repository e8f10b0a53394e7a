"""Answer: from a whole request to its reply: token, application, hooks, errors."""
