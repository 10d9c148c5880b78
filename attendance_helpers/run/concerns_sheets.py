"""The sheets of the workbook about pupils to talk about: triggers, what is missing, what it would take, the form."""

from __future__ import annotations

import pandas as pd

from attendance_helpers.meetings import missing
from attendance_helpers.publish.blocks import Sheet
from attendance_helpers.publish.missing_tables import missing_sheet
from attendance_helpers.publish.outlook_tables import outlook_sheet
from attendance_helpers.publish.support_sheets import evidence_sheet, form_sheet, history_sheet
from attendance_helpers.publish.trigger_tables import triggers_sheet
from attendance_helpers.run.concerns import Concerns


def concerns_sheets(concerns: Concerns, notes: pd.DataFrame) -> list[Sheet]:
    """Return the sheets in their order, the form last; `notes` as `Concerns.notes` returns them."""
    case = concerns.case
    chosen = case.settings
    weeks = chosen.discussion.contact_weeks
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
            missing.most_needed(concerns.pupils, concerns.standing, concerns.checked),
            weeks=weeks,
        ),
        outlook_sheet(
            concerns.persistent_outlook,
            concerns.severe_outlook,
            concerns.everyone,
            until=concerns.year_end,
            term=concerns.outlook(chosen.thresholds.persistent_perc, concerns.term_end),
            term_end=concerns.term_end,
        ),
        evidence_sheet(concerns.evidence, concerns.listed),
        history_sheet(concerns.history, concerns.everyone),
        form_sheet(
            concerns.listed,
            notes,
            urn=case.urn,
            choices={
                "stage": [stage.name for stage in concerns.process.stages],
                "evidence": [piece.label for piece in concerns.process.evidence.values()],
            },
        ),
    ]
