"""The sheets of the workbook about pupils to talk about, and those that are filled in: pupils, the meeting, its actions."""

from __future__ import annotations

from typing import Final

import pandas as pd

from attendance_helpers.meetings import missing
from attendance_helpers.meetings.actions import open_actions
from attendance_helpers.meetings.agenda import point_titles
from attendance_helpers.meetings.processes import process_areas
from attendance_helpers.publish.action_tables import since_sheet, so_far_sheet
from attendance_helpers.publish.blocks import Sheet
from attendance_helpers.publish.meeting_sheets import actions_sheet, meeting_sheet
from attendance_helpers.publish.missing_tables import missing_sheet
from attendance_helpers.publish.outlook_tables import outlook_sheet
from attendance_helpers.publish.support_sheets import evidence_sheet, form_sheet, history_sheet
from attendance_helpers.publish.trigger_tables import triggers_sheet
from attendance_helpers.register.cohorts import cohort_names
from attendance_helpers.run.concerns import Concerns

# What the sheet of gaps tells of a pupil.
NAMED: Final = ("upn", "surname", "forename", "year_group", "severely_absent", "overall_absence")


def concerns_sheets(concerns: Concerns, notes: pd.DataFrame) -> list[Sheet]:
    """Return the sheets in their order, those to be filled in last; `notes` as `Concerns.notes` returns them."""
    case = concerns.case
    chosen = case.settings
    weeks = chosen.discussion.contact_weeks
    prospects, acted = concerns.prospects, concerns.acted
    return [
        triggers_sheet(
            concerns.triggers,
            concerns.trigger_sessions,
            concerns.everyone,
            concerns.standing,
            on_roll=set(concerns.pupils["upn"]),
            names=concerns.trigger_names,
            rules=concerns.rules,
        ),
        missing_sheet(
            concerns.missing,
            missing.most_needed(concerns.pupils[list(NAMED)], concerns.standing, concerns.checked),
            weeks=weeks,
        ),
        outlook_sheet(
            prospects.persistent_outlook,
            prospects.severe_outlook,
            concerns.everyone,
            until=prospects.year_end,
            term=prospects.outlook(chosen.thresholds.persistent_perc, prospects.term_end),
            term_end=prospects.term_end,
        ),
        evidence_sheet(concerns.evidence_of_lists, concerns.pupils, concerns.stages),
        history_sheet(concerns.history, concerns.everyone),
        so_far_sheet(acted.said, concerns.everyone),
        since_sheet(acted.since, acted.every, acted.together, concerns.everyone),
        form_sheet(
            concerns.listed,
            notes,
            urn=case.urn,
            choices={
                "stage": [stage.name for stage in concerns.process.stages],
                "evidence": [piece.label for piece in concerns.process.evidence.values()],
            },
        ),
        *meeting_forms(concerns),
    ]


def meeting_forms(concerns: Concerns) -> list[Sheet]:
    """Return the two sheets on which the meeting is recorded."""
    case = concerns.case
    record = case.settings.record
    on_roll = sorted(concerns.pupils["upn"])
    listed = list(concerns.listed["upn"])
    return [
        meeting_sheet(
            points=point_titles(),
            areas=[area.title for area in process_areas()],
            roles=record.roles,
            naming=record.naming,
            notes_by=record.notes_by,
        ),
        actions_sheet(
            open_actions(concerns.acted.standing),
            as_at=case.as_at.isoformat(),
            upns=[*listed, *(upn for upn in on_roll if upn not in set(listed))],
            cohorts=cohort_names(case.on_roll),
            stages=[stage.name for stage in concerns.process.stages],
            roles=record.roles,
            naming=record.naming,
            taken=concerns.acted.recorded["action_id"].unique(),
        ),
    ]
