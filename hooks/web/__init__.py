"""Web: the hooks over HTTP. Only this package knows gunicorn, h11 and prometheus-client."""
