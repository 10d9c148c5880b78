"""Files in, one checked register out: every mark classed, every problem listed."""
