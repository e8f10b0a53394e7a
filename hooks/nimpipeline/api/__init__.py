"""NIMPipeline's API: what users write and read back."""
