"""The charts, by the question that each answers; numbers in, a `Chart` out.

=====================================  ========================================
is it getting better?                  `weekly_trend_chart`
who is absent more than elsewhere?     `group_gap_chart`
against whom?                          `funnel_chart`
when in the year, which year group?    `year_week_heat_chart`
which day?                             `weekday_chart`
why are they absent?                   `reason_chart`
how many pupils are near the line?     `band_chart`
this pupil?                            `attendance_strip`, `pupil_strip_chart`
=====================================  ========================================

Each chart takes the finding as its `title`, is drawn in the same style, and carries its alternative
text and the numbers that it was drawn from. With nothing to draw it is a `Paragraph` that says so.
A chart of your own: draw a matplotlib figure and pass it through `figure_svg`.
"""

from attendance_helpers.publish.chart_funnel import funnel_chart
from attendance_helpers.publish.chart_groups import group_gap_chart
from attendance_helpers.publish.chart_heat import year_week_heat_chart
from attendance_helpers.publish.chart_pupils import band_chart
from attendance_helpers.publish.chart_reasons import reason_chart
from attendance_helpers.publish.chart_strip import (
    attendance_strip,
    attendance_strip_alt,
    attendance_strip_key,
    pupil_strip_chart,
)
from attendance_helpers.publish.chart_svg import figure_svg
from attendance_helpers.publish.chart_trend import weekly_trend_chart
from attendance_helpers.publish.chart_weekdays import weekday_chart

__all__ = [
    "attendance_strip",
    "attendance_strip_alt",
    "attendance_strip_key",
    "band_chart",
    "figure_svg",
    "funnel_chart",
    "group_gap_chart",
    "pupil_strip_chart",
    "reason_chart",
    "weekday_chart",
    "weekly_trend_chart",
    "year_week_heat_chart",
]
