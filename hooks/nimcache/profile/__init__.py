"""Profile: what a NIM image offers to download, and which of it fits."""
