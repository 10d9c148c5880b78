"""Documents for targeting support meetings, made from school attendance registers in England."""

__version__ = "0.1.0"
