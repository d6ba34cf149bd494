"""What the server says of a debrief: plain dictionaries, ready to be encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from server.domain.debrief.early_warning import EarlyWarning
from server.domain.debrief.key_times import KeyTime
from server.domain.debrief.moments import Moment
from server.domain.debrief.news2 import Part
from server.domain.debrief.resuscitation import Resuscitation
from server.domain.timestamps import write_optional_timestamp, write_timestamp
from server.transport.wire.debrief_shapes import (
    KeyTimeAnswer,
    MomentAnswer,
    News2Answer,
    News2PartsAnswer,
    ResuscitationAnswer,
)

_NO_PARTS: Mapping[Part, None] = dict.fromkeys(get_args(Part))


def moment_answer(moment: Moment) -> MomentAnswer:
    return {
        "at": write_timestamp(moment.at),
        "seq": moment.seq,
        "kind": moment.kind,
        "text_key": moment.text_key,
        "details": dict(moment.details),
        "is_hidden": moment.is_hidden,
        "title": moment.title,
    }


def key_time_answer(time: KeyTime) -> KeyTimeAnswer:
    answer: Any = {
        "marker": time.marker,
        "from": time.since,
        "seconds": time.seconds,
        "target_seconds": time.target_seconds,
        "is_met": time.is_met,
    }
    return answer


def resuscitation_answer(one: Resuscitation) -> ResuscitationAnswer:
    return {
        "onset_seq": one.onset_seq,
        "onset_at": write_timestamp(one.onset_at),
        "end_at": write_optional_timestamp(one.end_at),
        "end": one.end,
        "seconds": one.seconds,
        "compressions_seconds": one.compressions_seconds,
        "no_flow_seconds": one.no_flow_seconds,
        "no_flow_fraction": one.no_flow_fraction,
        "compression_fraction": one.compression_fraction,
        "compression_fraction_from_first": one.compression_fraction_from_first,
        "pauses": [{"at": write_timestamp(pause.at), "seconds": pause.seconds} for pause in one.pauses],
        "longest_pause_seconds": one.longest_pause_seconds,
        "pauses_over_10": one.pauses_over_10,
        "shocks": [
            {"at": write_timestamp(shock.at), "pre_seconds": shock.pre_seconds, "post_seconds": shock.post_seconds}
            for shock in one.shocks
        ],
        "to_recognition_seconds": one.to_recognition_seconds,
        "to_compressions_seconds": one.to_compressions_seconds,
        "to_shock_seconds": one.to_shock_seconds,
        "to_adrenaline_seconds": one.to_adrenaline_seconds,
        "third_shock_to_adrenaline_seconds": one.third_shock_to_adrenaline_seconds,
        "to_rosc_seconds": one.to_rosc_seconds,
        "shock_intervals": list(one.shock_intervals),
        "adrenaline_intervals": list(one.adrenaline_intervals),
        "rhythm_check_intervals": list(one.rhythm_check_intervals),
    }


def news2_answer(score: EarlyWarning) -> News2Answer:
    return {
        "at": write_timestamp(score.at),
        "total": score.total,
        "parts": cast(News2PartsAnswer, {**_NO_PARTS, **(score.parts or {})}),
        "band": score.band,
        "missing": list(score.missing),
        "mean": score.mean,
        "shock_index": score.shock_index,
    }
