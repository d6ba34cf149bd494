"""Who may do what, as docs/api.md says it; nothing here comes from the server."""

from __future__ import annotations

_TABLE = """
    action                      owner  co_trainer  admin  trainer  observer  trainee
    watch                       yes    yes         yes    yes      yes       -
    push_vitals                 yes    yes         yes    -        -         -
    run_case                    yes    yes         yes    -        -         -
    take_action                 yes    yes         yes    -        -         yes
    add_note                    yes    yes         yes    yes      -         -
    add_marker                  yes    yes         yes    yes      -         -
    annotate                    yes    yes         yes    yes      yes       -
    edit_annotations_of_others  -      -           yes    -        -         -
    score                       yes    yes         yes    yes      yes       -
    edit_session                yes    yes         yes    -        -         -
    close_session               yes    yes         yes    -        -         -
    remove_trainee              yes    yes         yes    -        -         -
    take_controls               yes    yes         yes    yes      -         -
    open_session                -      -           yes    yes      -         -
    edit_templates              -      -           yes    yes      -         -
    set_homework                -      -           yes    yes      -         -
    withdraw_homework_of_others -      -           yes    -        -         -
    manage_trainers             -      -           yes    -        -         -
    read_audit                  -      -           yes    -        -         -
    see_devices                 -      -           yes    -        -         -
    export_school               -      -           yes    -        -         -
    manage_halls                -      -           yes    -        -         -
    lock_record                 yes    -           yes    -        -         -
    take_names_out              yes    -           yes    -        -         -
    set_retention               -      -           yes    -        -         -
"""
_HEAD, *_ROWS = [line.split() for line in _TABLE.strip().splitlines()]
TABLE: dict[str, set[str]] = {
    action: {relation for relation, said in zip(_HEAD[1:], row, strict=True) if said == "yes"} for action, *row in _ROWS
}
"""The relations that may do an action; to the school itself somebody is an admin, a trainer or an observer."""
