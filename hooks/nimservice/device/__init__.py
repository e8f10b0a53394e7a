"""Device: claims on devices through Dynamic Resource Allocation."""
