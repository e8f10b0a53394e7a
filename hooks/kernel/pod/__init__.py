"""Pod: why a pod does not run, read from the pod itself, whichever resource it belongs to."""
