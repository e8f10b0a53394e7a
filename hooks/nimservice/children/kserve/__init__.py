"""KServe: what the children of a NIMService share where KServe runs the model."""
