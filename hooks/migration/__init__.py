"""Migration: NIMServices that NVIDIA's operator runs, handed over to the hooks and back, without a child being made anew."""
