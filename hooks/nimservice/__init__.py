"""NIMService: one inference microservice, its children and its status."""
