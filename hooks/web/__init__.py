"""Web: the hooks over HTTP. Only this package knows Flask, gunicorn and prometheus-client."""
