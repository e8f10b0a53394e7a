"""API: the fields that several resources have, as users write them."""
