"""NIMPipeline: several NIMServices as one."""
