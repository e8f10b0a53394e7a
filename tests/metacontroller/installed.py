"""Installed: the resources that the installation has a CompositeController for."""

from hooks.resources import RESOURCES

TO_COME = ("nimcache",)
"""Resources whose hooks are served before anything calls them."""

INSTALLED = tuple(each for each in RESOURCES if each.path not in TO_COME)
