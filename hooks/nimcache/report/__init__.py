"""Report: how the model manifest of an image reaches the hooks.

The probe's containers pack it into their termination messages.
"""
