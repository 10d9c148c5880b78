"""The local staged process on the page: what a referral asks for, and what of it is recorded."""

from __future__ import annotations

import pandas as pd

from attendance_helpers.meetings.stages import Process
from attendance_helpers.publish import wording
from attendance_helpers.publish.blocks import Paragraph


def stage_words(process: Process, evidence: pd.DataFrame, pupils: pd.DataFrame) -> Paragraph:
    """
    Return for how many pupils near a referral its evidence is whole, what is most often not recorded, and the reminder.

    Parameters
    ----------
    process : as `stages.stages_file` returns it
    evidence : as `stage_evidence.evidence_held` returns it for the stage of a referral
    pupils : those recorded at the stage of a referral, or at the one before it
    """
    referral = process.referral
    own = evidence[evidence["upn"].isin(pupils["upn"])]
    if referral is None or own.empty:
        return Paragraph(
            referral.note if referral else f"{process.name}: no referral is set.", "note"
        )
    stage = next(stage for stage in process.stages if stage.key == referral.stage)
    there = own.groupby("upn")["there"].agg(["sum", "size"])
    whole = int((there["sum"] == there["size"]).sum())
    lacking = own[~own["there"]]["label"].value_counts()
    parts = [
        f"{wording.counted(len(there), 'pupil')} {'is' if len(there) == 1 else 'are'} recorded at {stage.name} or the stage before it; the "
        f"evidence that {stage.name} asks for is whole for {whole:,}"
    ]
    if len(lacking):
        most = [f"{_inside(str(name))} ({number:,})" for name, number in lacking.head(2).items()]
        parts.append(f"most often not recorded: {wording.listed(most)} (sheet Stage evidence)")
    return Paragraph(f"{'; '.join(parts)}. {referral.note}".strip(), "note")


def _inside(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text
