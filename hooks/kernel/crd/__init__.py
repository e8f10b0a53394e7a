"""CRD: the CustomResourceDefinitions, generated from the models of the API, and what they admit.

``schema``, ``definitions``, ``descriptions`` and ``resource`` generate them; they need ``kubernetes-validate``, a tool of
development. ``shipped`` reads what was generated, and ``admission`` with ``structure`` and ``rules`` asks it, as an API server does.
"""
