"""The local staged process on the page: what a referral asks for, and what of it is recorded."""

from __future__ import annotations

from collections import Counter

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
    near = set(pupils["upn"].tolist())
    columns = (evidence[name].tolist() for name in ("upn", "label", "there") if referral)
    own = [row for row in zip(*columns, strict=True) if row[0] in near]
    if referral is None or not own:
        return Paragraph(
            referral.note if referral else f"{process.name}: no referral is set.", "note"
        )
    stage = next(stage for stage in process.stages if stage.key == referral.stage)
    there = {upn for upn, *_ in own}
    whole = len(there - {upn for upn, _, held in own if not held})
    # Of equal numbers the one that comes first.
    lacking = Counter(label for _, label, held in own if not held)
    parts = [
        f"{wording.counted(len(there), 'pupil')} {'is' if len(there) == 1 else 'are'} recorded at {stage.name} or the stage before it; the "
        f"evidence that {stage.name} asks for is whole for {whole:,}"
    ]
    if len(lacking):
        most = [f"{_inside(name)} ({number:,})" for name, number in lacking.most_common(2)]
        parts.append(f"most often not recorded: {wording.listed(most)} (sheet Stage evidence)")
    return Paragraph(f"{'; '.join(parts)}. {referral.note}".strip(), "note")


def _inside(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text
