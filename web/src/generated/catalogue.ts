// Made by `make types` from what the server says of itself; never edited.

export const SIGNS = {
  "heart_rate": {
    "name": "heart_rate",
    "unit": "/min",
    "min": 0,
    "max": 300,
    "start": 75,
    "decimals": 0
  },
  "systolic": {
    "name": "systolic",
    "unit": "mmHg",
    "min": 0,
    "max": 300,
    "start": 120,
    "decimals": 0
  },
  "diastolic": {
    "name": "diastolic",
    "unit": "mmHg",
    "min": 0,
    "max": 200,
    "start": 80,
    "decimals": 0
  },
  "spo2": {
    "name": "spo2",
    "unit": "%",
    "min": 0,
    "max": 100,
    "start": 98,
    "decimals": 0
  },
  "respiratory_rate": {
    "name": "respiratory_rate",
    "unit": "/min",
    "min": 0,
    "max": 80,
    "start": 16,
    "decimals": 0
  },
  "etco2": {
    "name": "etco2",
    "unit": "mmHg",
    "min": 0,
    "max": 150,
    "start": 38,
    "decimals": 0
  },
  "temperature": {
    "name": "temperature",
    "unit": "°C",
    "min": 25,
    "max": 43,
    "start": 37,
    "decimals": 1
  }
} as const;

export const RHYTHMS = [
  "sinus",
  "atrial_fibrillation",
  "atrial_flutter",
  "svt",
  "av_block_1",
  "av_block_2_wenckebach",
  "av_block_2_mobitz",
  "av_block_3",
  "junctional",
  "idioventricular",
  "ventricular_tachycardia",
  "torsades",
  "ventricular_fibrillation",
  "ventricular_fibrillation_fine",
  "asystole",
  "stemi",
  "paced",
  "pvc_bigeminy"
] as const;

export const KNOWN_FLAGS = [
  "ecg_off",
  "spo2_off",
  "nibp_off",
  "co2_off",
  "temp_off",
  "pulseless",
  "cpr",
  "respiratory_distress",
  "cardiac_arrest",
  "dysglycaemia",
  "haemorrhage",
  "loss_of_consciousness",
  "consciousness",
  "oxygen",
  "spo2_scale_2"
] as const;

export const ADULT_LIMITS = {
  "heart_rate": {
    "low": 50,
    "high": 120
  },
  "spo2": {
    "low": 90,
    "high": null
  },
  "systolic": {
    "low": 90,
    "high": 160
  },
  "diastolic": {
    "low": 50,
    "high": 90
  },
  "mean": {
    "low": 60,
    "high": 110
  },
  "respiratory_rate": {
    "low": 8,
    "high": 30
  },
  "etco2": {
    "low": 30,
    "high": 50
  },
  "temperature": {
    "low": 36,
    "high": 39
  }
} as const;

export const ROLES = [
  "admin",
  "trainer",
  "observer"
] as const;

export const AUTHOR_ROLES = [
  "trainer",
  "trainee",
  "system"
] as const;

export const EVENT_KINDS = [
  "vitals",
  "note",
  "action",
  "case",
  "lifecycle"
] as const;

export const CLOSE_REASONS = [
  "closed",
  "expired"
] as const;

export const ANNOTATION_KINDS = [
  "note",
  "bookmark",
  "plus",
  "delta",
  "takeaway"
] as const;

export const PERMISSIONS = {
  "watch": [
    "owner",
    "co_trainer",
    "admin",
    "trainer",
    "observer"
  ],
  "push_vitals": [
    "owner",
    "co_trainer",
    "admin"
  ],
  "run_case": [
    "owner",
    "co_trainer",
    "admin"
  ],
  "take_action": [
    "owner",
    "co_trainer",
    "admin",
    "trainee"
  ],
  "add_note": [
    "owner",
    "co_trainer",
    "admin",
    "trainer"
  ],
  "add_marker": [
    "owner",
    "co_trainer",
    "admin",
    "trainer"
  ],
  "annotate": [
    "owner",
    "co_trainer",
    "admin",
    "trainer",
    "observer"
  ],
  "edit_annotations_of_others": [
    "admin"
  ],
  "score": [
    "owner",
    "co_trainer",
    "admin",
    "trainer",
    "observer"
  ],
  "edit_session": [
    "owner",
    "co_trainer",
    "admin"
  ],
  "close_session": [
    "owner",
    "co_trainer",
    "admin"
  ],
  "remove_trainee": [
    "owner",
    "co_trainer",
    "admin"
  ],
  "take_controls": [
    "owner",
    "co_trainer",
    "admin",
    "trainer"
  ],
  "open_session": [
    "admin",
    "trainer"
  ],
  "edit_templates": [
    "admin",
    "trainer"
  ],
  "set_homework": [
    "admin",
    "trainer"
  ],
  "withdraw_homework_of_others": [
    "admin"
  ],
  "manage_trainers": [
    "admin"
  ],
  "read_audit": [
    "admin"
  ],
  "see_devices": [
    "admin"
  ],
  "export_school": [
    "admin"
  ],
  "manage_halls": [
    "admin"
  ],
  "lock_record": [
    "owner",
    "admin"
  ],
  "take_names_out": [
    "owner",
    "admin"
  ],
  "set_retention": [
    "admin"
  ]
} as const;

export const PAGES = {
  "home": "/",
  "join": "/j/{code}",
  "assignment": "/h/{token}",
  "shared": "/shared/{token}",
  "monitor": "/monitor",
  "sessions": "/dashboard",
  "wall": "/dashboard/wall",
  "templates": "/dashboard/templates",
  "recorded": "/dashboard/templates/recorded",
  "new_template": "/dashboard/templates/new",
  "template": "/dashboard/templates/{template_id}",
  "comparison": "/dashboard/templates/{template_id}/comparison",
  "homework": "/dashboard/homework",
  "conflicts": "/dashboard/conflicts",
  "devices": "/dashboard/devices",
  "halls": "/dashboard/halls",
  "outbox": "/dashboard/outbox",
  "school": "/dashboard/school",
  "me": "/dashboard/me",
  "audit": "/dashboard/audit",
  "invitation": "/invitation/{token}",
  "first": "/first/{token}",
  "room": "/dashboard/sessions/{session_id}",
  "debrief": "/dashboard/sessions/{session_id}/debrief"
} as const;

export const CUFF = {
  "cycle_minutes": [
    1,
    2,
    2.5,
    3,
    5,
    10,
    15,
    30,
    60
  ],
  "measuring_seconds": 30,
  "failing_seconds": 60,
  "stat_seconds": 300,
  "lowest_systolic": 30
} as const;

export const CODE = {
  "alphabet": "ABCDEFGHJKMNPQRSTUVWXYZ23456789",
  "length": 6
} as const;

export const SHARE = {
  "usual_days": 14
} as const;

export const BOUNDS = {
  "title_characters": 200,
  "name_characters": 100,
  "display_name_characters": 60,
  "note_characters": 2000,
  "description_characters": 2000,
  "checklist_text_characters": 200,
  "email_characters": 254,
  "password_least_characters": 8,
  "password_characters": 500,
  "details_bytes": 4096,
  "flags": 32,
  "flag_text_characters": 64,
  "ramp_seconds": 3600,
  "import_bytes": 5242880,
  "steps": 100,
  "step_at_seconds": 86400,
  "transitions": 8,
  "conditions": 4,
  "transition_count": 10,
  "transition_after_seconds": 86400,
  "hold_seconds": 600,
  "label_characters": 60,
  "checklist_items": 100,
  "pass_percent": 70,
  "session_seconds": 2592000,
  "names_months": 120,
  "records_months": 600,
  "page_items": 200,
  "watch_events": 1000
} as const;

export const REFUSALS = {
  "invalid_body": {
    "passes": false
  },
  "unauthenticated": {
    "passes": false
  },
  "hall_revoked": {
    "passes": false
  },
  "forbidden": {
    "passes": false
  },
  "device_revoked": {
    "passes": false
  },
  "not_found": {
    "passes": false
  },
  "method_not_allowed": {
    "passes": false
  },
  "conflict": {
    "passes": false
  },
  "not_home": {
    "passes": false
  },
  "resync_required": {
    "passes": false
  },
  "session_closed": {
    "passes": false
  },
  "session_expired": {
    "passes": false
  },
  "removed": {
    "passes": false
  },
  "full": {
    "passes": false
  },
  "version_mismatch": {
    "passes": false
  },
  "too_large": {
    "passes": false
  },
  "unsupported_media_type": {
    "passes": false
  },
  "invalid_fields": {
    "passes": false
  },
  "rate_limited": {
    "passes": true
  },
  "internal_error": {
    "passes": true
  },
  "storage_unavailable": {
    "passes": true
  }
} as const;
