"""NIMCache: a model downloaded in advance, which a NIMService reads."""
