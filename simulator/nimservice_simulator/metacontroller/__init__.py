"""Loop: the parts of Metacontroller's CompositeController, as its contract describes them."""
