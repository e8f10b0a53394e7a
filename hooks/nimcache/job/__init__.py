"""Job: the Jobs of a NIMCache: a probe reads its image, a download fills its claim."""
