"""CRD: the CustomResourceDefinitions, generated from the models of the API, and what they admit.

``generate``, ``schema``, ``definitions`` and ``descriptions`` make them. They need the development
tool ``kubernetes-validate``. ``shipped`` reads the generated files. ``admission``, ``structure``,
``rules`` and ``unknown`` check objects against them, as an API server does.
"""
