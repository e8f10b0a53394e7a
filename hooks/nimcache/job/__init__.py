"""Job: the Jobs of a NIMCache, the probe that reads its image and the download that fills its claim."""
