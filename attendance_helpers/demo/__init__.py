"""
A made-up authority: the register drop that its schools would send, for the same import as real files.

What there is to find in it: a primary school much better than the year before and one whose unauthorised holidays have
more than doubled; a secondary school whose Year 9 stays away on Fridays, one where lateness is twice the usual, and one
with little absence; part-time timetables in the special school; pupils registered at a school and at the alternative
provision; reasons not yet established in the last two weeks. What is in place for pupils is recorded for all who need it at one
small primary school, not at all at one secondary school, and for some elsewhere; three pupils are near a referral.
"""

from attendance_helpers.demo.drop import DemoDrop, register_drop
from attendance_helpers.demo.faults import PlantedFault
from attendance_helpers.demo.truth import SchoolTruth

__all__ = ["DemoDrop", "PlantedFault", "SchoolTruth", "register_drop"]
