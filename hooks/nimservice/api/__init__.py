"""API: what users write and read back. It knows no child and no Metacontroller."""
