"""What tests, demo, score and bench share: the one local origin. Ships in the package; the daemon never imports it."""
