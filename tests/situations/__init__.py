"""Situations: what a test begins with, by resource; ``stored`` is what the situations of all
resources share."""
