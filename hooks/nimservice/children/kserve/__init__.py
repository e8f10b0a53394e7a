"""KServe: the InferenceService of a NIMService that runs on KServe."""
