"""Installed: the resources that the installation has a CompositeController for."""

from hooks.resources import RESOURCES

INSTALLED = RESOURCES
