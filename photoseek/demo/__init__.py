"""The demo: a library of drawn stock pictures and a small model trained on such drawings."""
