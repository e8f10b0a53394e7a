"""Migration: NIMServices move from NVIDIA's operator to the hooks and back, with their children."""
