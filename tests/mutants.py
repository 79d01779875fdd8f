#!/usr/bin/env python3
"""Would the tests notice? Faults of one expression each, in every room; at least 90 % must make a named test fail.

usage: tests/mutants.py            build a copy of the tree with all faults in it, run each by itself, tell what noticed it
       tests/mutants.py --check    only look whether each fault still has its place (seconds, no build)
       tests/mutants.py 12 40-45   only these
       options: --target DIR (cargo's folder of the copy, kept; nothing else may build into it meanwhile, or the faults are gone),
                --jobs N (tests at a time)

A fault is an expression put in another's place. All of them are compiled into one copy of the tree, each asleep behind
`if crate::mutant(N) { fault } else { what stands there }`, and woken one at a time by the variable MUTANT: one build instead of
a hundred. Each is given to the tests of its filter, without snapshots: what only a snapshot sees, an "accept" would hide. A fault dies
where a test fails that passes with all faults asleep.

Of these, all but one died (November 2026; SURVIVORS below tells it).
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEAST_SHARE = 0.9
# Longer than any filter takes asleep, s; a fault that goes round for ever counts as noticed.
TIMEOUT_S = 300

# Known to live on, by what stands there, and why.
SURVIVORS = {
    "manifest[*list] == listed[*list]": "the hash over all listed files, asked beside it, tells of every change that this could",
}

# Room, file, what stands there (once in the file), fault, test filters ("lib: ..." in the library, "NAME: ..." of tests/NAME).
MUTANTS = [
    # --- gaen
    ("gaen", "src/gaen/score_v1.rs", "b.t_s - a.t_s <= RUN_GAP_S", "b.t_s - a.t_s < RUN_GAP_S", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v1.rs", "rest_s <= SCAN_INTERVAL_S / 2", "rest_s < SCAN_INTERVAL_S / 2", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v1.rs", "run.attenuation_value_db > edge", "run.attenuation_value_db >= edge", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v1.rs", "score < self.minimum_risk_score", "score <= self.minimum_risk_score", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v1.rs", "self.transmission_scores[level - 1]", "self.transmission_scores[level.min(7)]", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v2.rs", "s.t_s - w.t_s < WINDOW_S", "s.t_s - w.t_s <= WINDOW_S", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v2.rs", "s.t_s - previous_s > SAME_SCAN_S", "s.t_s - previous_s >= SAME_SCAN_S", ["lib: gaen::"]),
    ("gaen", "src/gaen/score_v2.rs", "scan.typical_db <= edge", "scan.typical_db < edge", ["lib: gaen::"]),
    ("gaen", "src/gaen/store.rs", "s.day() >= oldest_day", "s.day() > oldest_day", ["lib: gaen::"]),
    ("gaen", "src/gaen/keys.rs", "k.rolling_start.0 < today", "k.rolling_start.0 <= today", ["lib: gaen::"]),
    ("gaen", "src/gaen/quota.rs", "now_s - self.opened_s >= WINDOW_S", "now_s - self.opened_s > WINDOW_S", ["lib: gaen::"]),
    ("gaen", "src/gaen/metadata.rs", "bytes[0] >> 2 & 3", "bytes[0] >> 2 & 1", ["lib: gaen::"]),
    # --- truth
    ("truth", "src/truth/measure.rs", "!(self.config.walls_separate && sight.between(sa, sb, segment).separates)", "true", ["lib: truth::"]),
    ("truth", "src/truth/measure.rs", "if counts { seconds } else { 0.0 }", "seconds", ["lib: truth::"]),
    ("truth", "src/truth/measure.rs", "self.phone_offset[stance.carriage as usize].turned(stance.facing_rad)", "self.phone_offset[stance.carriage as usize].turned(-stance.facing_rad)", ["lib: truth::"]),
    ("truth", "src/truth/measure.rs", "f64::from(pb.x_m - pa.x_m)", "f64::from(pa.x_m - pb.x_m)", ["lib: truth::"]),
    ("truth", "src/truth/ledger.rs", "from_s - run.last_s <= gap_s", "from_s - run.last_s < gap_s", ["lib: truth::"]),
    ("truth", "src/truth/ledger.rs", "longest.max(run.contact_s)", "run.contact_s", ["lib: truth::"]),
    ("truth", "src/truth/ledger.rs", "run.last_s < before_s", "run.last_s < before_s + 1e6", ["lib: truth::"]),
    ("truth", "src/truth/ledger.rs", "utc_within_s: [utc_before_s, utc_within_s]", "utc_within_s: [0.0, utc_within_s]", ["lib: truth::"]),
    ("truth", "src/truth/records.rs", "self.within_s + other.within_s", "self.within_s.max(other.within_s)", ["lib: truth::", "lib: engine::"]),
    # --- encounter, with the walls of venue
    ("encounter", "src/encounter/line.rs", "beyond(from_v) + beyond(-to_v) - 1.0", "beyond(from_v) * beyond(-to_v)", ["lib: encounter::"]),
    ("encounter", "src/encounter/line.rs", "off_a * off_b <= 0.0 && nearest == shortest", "nearest == shortest", ["lib: encounter::"]),
    ("encounter", "src/encounter/line.rs", "between.separates |= barrier.reaches_ceiling", "between.separates |= true", ["lib: encounter::"]),
    ("encounter", "src/encounter/line.rs", "screen.slab_db > largest_loss_db", "screen.slab_db < largest_loss_db", ["lib: encounter::"]),
    ("encounter", "src/encounter/line.rs", "share * weight", "weight", ["lib: encounter::"]),
    ("encounter", "src/encounter/line.rs", "(beyond(from_v) - beyond(to_v)).max(beyond(-to_v) - beyond(-from_v))", "beyond(from_v) - beyond(to_v)", ["lib: encounter::"]),
    ("encounter", "src/encounter/sight.rs", "*qa == pa && *qb == pb", "*qa == pa", ["lib: encounter::"]),
    ("encounter", "src/encounter/sight.rs", "(segment.start_s + segment.end_s) as f64 / 2.0", "segment.start_s as f64", ["lib: encounter::"]),
    ("encounter", "src/encounter/motion.rs", "(-half_b + root) / a", "length_s", ["lib: encounter::"]),
    ("encounter", "src/encounter/motion.rs", "bx - ax", "ax - bx", ["lib: encounter::", "lib: truth::", "lib: mobility::"]),
    ("encounter", "src/venue/slab.rs", "place - below as f32", "0.0", ["lib: encounter::", "lib: venue::"]),
    # --- mobility
    ("mobility", "src/mobility/movement.rs", "visits.is_sorted_by_key(order)", "true", ["movement: "]),
    ("mobility", "src/mobility/work.rs", "lunch.where_ < self.config.lunch_out_share && presence.0 < lunch.start_s && lunch.end_s < presence.1", "false", ["movement: "]),
    ("mobility", "src/mobility/generated.rs", "member.desk.filter(|_| !stays_home)", "member.desk", ["movement: "]),
    ("places", "src/places/claims.rs", "self.nearest_m(p, span_s) >= self.ground.body_m()", "true", ["lib: places::", "places: "]),
    ("places", "src/places/claims.rs", "self.nearest_m(*p, span_s) >= CELL_M", "self.nearest_m(*p, span_s) >= 0.0", ["lib: places::", "places: "]),
    ("places", "src/places/checkout.rs", "behind(*line) < places[*line]", "true", ["lib: places::", "places: "]),
    ("places", "src/places/checkout.rs", "ends_s.min(*joins_s)", "ends_s", ["lib: places::", "places: "]),
    ("places", "src/places/checkout.rs", "customer.ends_s > joins_s", "true", ["lib: places::", "places: "]),
    ("places", "src/places/aisles.rs", "there_until_s.len() == most", "false", ["lib: places::", "places: "]),
    ("places", "src/places/seats.rs", "free.len() >= jobs.len()", "true", ["lib: places::", "places: "]),
    ("places", "src/places/posts.rs", "(first + k) % posts.len()", "k", ["lib: places::", "places: "]),
    ("places", "src/places/standing.rs", "there.len() < most", "true", ["lib: places::", "places: "]),
    ("places", "src/places/ride.rs", "stands.job.end_s > t_s", "true", ["lib: places::", "places: "]),
    ("places", "src/places/ride.rs", "*apart_m <= model.seat_within_m", "true", ["lib: places::", "places: "]),
    ("places", "src/places/ride.rs", "*of == group && group != NO_GROUP", "false", ["lib: places::", "places: "]),
    ("places", "src/places/queue.rs", "**leaves_s > t_s", "**leaves_s >= t_s", ["lib: places::", "places: "]),
    ("places", "src/places/queue.rs", "line.leaves_s.iter().copied().max().unwrap_or(comes_s).max(comes_s)", "comes_s", ["lib: places::", "places: "]),
    ("places", "src/places/aisles.rs", "scene.claims.is_free(at, (comes_s, until_s))", "true", ["lib: places::", "places: "]),
    ("places", "src/places/rounds.rs", "number * targets.len() / workers.len()", "targets.len() * number.min(1)", ["lib: places::", "places: "]),
    ("places", "src/places/ways.rs", "through_m < shortest[i * n + j].0", "false", ["lib: places::", "places: "]),
    ("places", "src/places/ways.rs", "enters < leaves", "false", ["lib: places::", "places: "]),
    ("places", "src/places/stays.rs", "end_s.min(episode + EPISODE_S)", "end_s", ["lib: places::", "places: "]),
    ("places", "src/places/aisles.rs", "scene.hand_on(job, true)", "scene.hand_on(job, false)", ["lib: places::", "places: "]),
    ("places", "src/places/seats.rs", "(party[0].start_s, std::cmp::Reverse(party.len()), scene.person(&party[0]).person)", "(0, std::cmp::Reverse(party.len()), scene.person(&party[0]).person)", ["places: whoever_stands"]),
    ("traces", "src/traces/replay.rs", "step.end_s.min(visit.end_s - to_unix_s)", "step.end_s", ["movement: "]),
    ("mobility", "src/mobility/office.rs", "out.start_s < out.end_s", "false", ["movement: "]),
    ("mobility", "src/mobility/talks.rs", "if i == host { 0.0 } else { present[i].2 * acquaintance.affinity(person, present[i].0) }",
     "present[i].2 * acquaintance.affinity(person, present[i].0)", ["lib: mobility::talks"]),
    ("mobility", "src/mobility/seating.rs", "own.or_else(|| spare.find(|seat| !taken[**seat]).copied())", "own.or(None)", ["movement: "]),
    ("mobility", "src/mobility/line.rs", "(from..to).contains(&stop)", "true", ["lib: mobility::line"]),
    ("mobility", "src/mobility/visit.rs", "visit.end_s <= visit.start_s", "visit.end_s < visit.start_s", ["movement: "]),
    # --- radio
    ("radio", "src/radio/kernel.rs", "self.success * (1.0 - math::exp(-margin_db.max(0.0) / self.scale_db)) * clear", "self.success * (1.0 - math::exp(-margin_db.max(0.0) / self.scale_db))", ["lib: radio::kernel"]),
    ("radio", "src/radio/kernel.rs", "advertisers.saturating_sub(1)", "advertisers", ["lib: radio::kernel", "lib: radio::hear", "hearing: "]),
    ("radio", "src/radio/kernel.rs", "if level_db[k] < min_db[k] { level_db[k] } else { min_db[k] }", "level_db[k]", ["lib: radio::kernel"]),
    ("radio", "src/radio/kernel.rs", "links[k].scan_miss * 65536.0", "0.0", ["lib: radio::kernel"]),
    ("radio", "src/radio/scans.rs", "period_s * stretch", "period_s", ["lib: radio::scans"]),
    ("radio", "src/radio/scans.rs", "before_s + i64::from(before_length_s)", "before_s", ["lib: radio::scans"]),
    ("radio", "src/radio/scans.rs", "awake && screen", "screen", ["lib: radio::scans"]),
    ("radio", "src/radio/scans.rs", "!awake && idle", "idle", ["lib: radio::scans"]),
    ("radio", "src/radio/tables.rs", "*v /= variance.sqrt() as f32", "*v /= 1.0", ["lib: radio::tables"]),
    ("radio", "src/radio/terms.rs", "(carriage.offset_m * outward_cos).min((apart_m / 2.0 - FROM_MIDDLE_M).max(0.0))", "carriage.offset_m * outward_cos", ["hearing: "]),
    ("radio", "src/radio/terms.rs", "carriage.offset_m * outward_sin", "-carriage.offset_m * outward_sin", ["hearing: "]),
    ("radio", "src/radio/terms.rs", "if without.walls { 0.0 } else { barriers_db }", "barriers_db", ["lib: radio::terms"]),
    ("radio", "src/radio/terms.rs", "self.barriers_db", "-self.barriers_db", ["screens: "]),
    ("radio", "src/radio/terms.rs", "apart_m - along_m - back_m", "apart_m - along_m + back_m", ["lib: radio::terms"]),
    ("radio", "src/radio/config.rs", "number.min(radio.third_persons_max)", "number", ["hearing: "]),
    ("radio", "src/radio/shadowing.rs", "moment.after * knots_db[(knot + 1) % KNOTS]", "0.0", ["lib: radio::shadowing"]),
    ("radio", "src/radio/shadowing.rs", "one.min(other)", "one", ["lib: radio::shadowing"]),
    ("radio", "src/radio/tables.rs", "*v -= mean", "*v -= 0.0", ["lib: radio::tables"]),
    ("radio", "src/radio/calibration.rs", "r.model == model || r.model == stem", "r.model == model", ["lib: radio::calibration"]),
    # --- laboratory
    ("laboratory", "src/laboratory/simulate.rs", "number < most && share >= below", "share >= below", ["lib: laboratory::"]),
    ("laboratory", "src/laboratory/simulate.rs", "of.distance_m.is_some_and(|d| *s < d)", "true", ["lib: laboratory::"]),
    # --- air
    ("air", "src/air/handover.rs", "is_ios || h.packets == 1", "is_ios", ["lib: air::"]),
    ("air", "src/air/handover.rs", "scan_s + SECOND_RECORD_AFTER_S", "scan_s", ["lib: air::"]),
    ("air", "src/air/handover.rs", "2.0 * (tx_dbm - h.mean_db) - strongest_dbm", "tx_dbm - h.mean_db", ["lib: air::"]),
    ("air", "src/air/handover.rs", "rssi_dbm.round().clamp(-127.0, 126.0)", "rssi_dbm.round()", ["lib: air::"]),
    ("air", "src/air/handover.rs", "previous_scan_s as u32", "0", ["lib: air::"]),
    ("air", "src/air/handover.rs", "if is_ios { i64::from(h.previous_length_s) } else { 0 }", "0", ["lib: air::", "scan_edges: "]),
    ("air", "src/air/handover.rs", "(s.observer, s.sighting.t_s, s.sighting.rpi)", "(s.observer, s.sighting.t_s, [0; 16])", ["lib: air::"]),
    ("air", "src/air/beacons.rs", "calibration_confidence: self.calibration_confidence", "calibration_confidence: 0", ["lib: air::"]),
    ("air", "src/air/beacons.rs", "second_of_day as usize / ENIN_S as usize", "out.number.len()", ["lib: air::"]),
    ("air", "src/air/beacons.rs", "from <= t_s", "from < t_s", ["lib: air::"]),
    # --- server, with the authority
    ("server", "src/server/receive.rs", "in_force.counts_seconds && has_old_key(&keys, now_s)", "has_old_key(&keys, now_s)", ["lib: server::"]),
    ("server", "src/server/receive.rs", "!hersys.verify(number, now_s)", "false", ["lib: server::"]),
    ("server", "src/server/store.rs", "key_day(k) < today", "key_day(k) <= today", ["lib: server::"]),
    ("server", "src/server/store.rs", "key_day(k) >= oldest", "key_day(k) > oldest", ["lib: server::"]),
    ("server", "src/server/store.rs", "e.key_day.plus_days(1) >= oldest", "e.key_day >= oldest", ["lib: server::"]),
    ("server", "src/server/store.rs", "e.created_s > after_s", "e.created_s >= after_s", ["lib: server::"]),
    ("server", "src/history/timeline.rs", "changes.partition_point(|(from_s, _)| *from_s <= at_s)", "changes.partition_point(|(from_s, _)| *from_s < at_s)", ["lib: history::"]),
    ("server", "src/server/receive.rs", "!in_force.hersys_answers", "false", ["lib: server::"]),
    ("server", "src/server/store.rs", "(1..=WHOLE_DAY).contains(&key.rolling_period)", "true", ["lib: server::"]),
    ("server", "src/server/store.rs", "k.rolling_start.start().0 < now_s - i64::from(OLDEST_DAYS) * DAY_S", "k.rolling_start.start().0 <= now_s - i64::from(OLDEST_DAYS) * DAY_S", ["lib: server::"]),
    ("server", "src/authority/hersys.rs", "now_s <= *until_s", "now_s < *until_s", ["lib: authority::"]),
    ("server", "src/authority/step.rs", "app == AppThere::Yes || matches!(self.number.asked, Some(Asked::Nobody(_)))", "true", ["lib: authority::step"]),
    ("server", "src/authority/cases.rs", "wish < config.enters_share", "true", ["lib: authority::"]),
    # --- registration
    ("server", "src/server/receive.rs", "!in_force.is_up", "false", ["lib: server::"]),
    ("server", "src/server/receive.rs", "!request.by_front_door", "false", ["lib: server::"]),
    ("server", "src/server/receive.rs", "if in_force.takes_registrations { Ok(()) } else { Err(Refusal::Ended) }", "Ok(())", ["lib: server::"]),
    ("server", "src/server/receive.rs", "!submission.is_of_region()", "false", ["lib: server::"]),
    ("server", "src/server/receive.rs", "request.api == Api::V1 && !submission.is_of_user(request.bearer)", "false", ["lib: server::"]),
    ("server", "src/server/receive.rs", "!submission.is_of_device()", "false", ["lib: server::"]),
    ("server", "src/server/receive.rs", "request.is_chaff && request.api == Api::V2", "request.is_chaff", ["lib: server::"]),
    ("server", "src/server/request.rs", "if key.rolling_period == 0 { WHOLE_DAY } else { key.rolling_period }", "key.rolling_period", ["lib: server::"]),
    ("server", "src/server/request.rs", "field.trim().is_empty()", "false", ["lib: server::"]),
    ("server", "src/server/request.rs", "is_first.then_some(0)", "None", ["lib: server::"]),
    ("server", "src/server/request.rs", "nonce == BASE64.encode(self.nonce())", "true", ["lib: server::"]),
    ("server", "src/server/store.rs", "self.stored.insert(tek.key, key_day(&key)).is_none()", "true", ["lib: server::"]),
    ("server", "src/server/config.rs", "is_up(timeline, *at_s)", "true", ["lib: server::"]),
    ("server", "src/server/publish.rs", "created_s * 1000", "created_s", ["lib: server::"]),
    ("server", "src/authority/hersys.rs", "text.len() == 8", "true", ["lib: authority::"]),
    ("server", "src/authority/hersys.rs", "other.live.contains_key(number)", "true", ["lib: authority::"]),
    ("server", "src/history/timeline.rs", "(from_s + 1..until_s).contains(at_s)", "(from_s..until_s).contains(at_s)", ["lib: history::"]),
    ("server", "src/history/timeline.rs", "**value == change.value && !is_back(change, when)", "**value == change.value", ["lib: history::"]),
    ("app", "src/app/registration.rs", "!letter.is_alphanumeric() && letter != '_'", "!letter.is_alphanumeric()", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "typed.is_empty()", "false", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "(self.0 < MAX_ERRORS)", "(self.0 <= MAX_ERRORS)", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "WAIT_S * i64::from(self.0)", "WAIT_S", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "draw < self.empty_share", "false", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "keeps == KeepsNumber::AsPublished && self.release.api == Api::V1", "keeps == KeepsNumber::AsPublished", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "if self.is_mended(Mechanism::AnyNumberAccepted) { version(\"1.1.2\") } else { own }", "own", ["lib: app::registration"]),
    ("app", "src/app/registration.rs", "self.told_as() < version(\"2.0.0\")", "true", ["lib: app::registration"]),
    ("app", "src/app/fetch.rs", "1 + (until_s - 1 - first_s) / self.period_s", "1 + (until_s - first_s) / self.period_s", ["lib: app::fetch"]),
    ("run", "src/run/system/registering.rs", "self.returned == config.tries_again_times", "false", ["lib: run::system::registering"]),
    ("run", "src/run/system/registering.rs", "going.errors.0 > 0 || *next_s <= until_s", "true", ["lib: run::system::registering"]),
    ("run", "src/run/system/registering.rs", "matches!(answer, Err(Refusal::NumberNotValid | Refusal::Congested))", "true", ["lib: run::system::registering"]),
    ("run", "src/run/system/registering.rs", "declines(RegistrationDraw::SystemDialog, config.declines_system_dialog_share)", "false", ["lib: run::system::registering"]),
    ("run", "src/run/system/registering.rs", "declines(RegistrationDraw::Consent, config.declines_consent_share)", "false", ["lib: run::system::registering"]),
    ("setup", "src/setup/world.rs", "self.timeline.flag(Setting::KeepsNumberWithKeys, now_s)", "true", ["registration: "]),
    ("run", "src/run/outcome/funnel.rs", "!key.is_false", "true", ["registration: "]),
    ("setup", "src/setup/world.rs", "(share > 0.0 && is_refused())", "false", ["lib: run::system::registering"]),
    ("setup", "src/setup/world.rs", "is_calm && always_runs", "always_runs", ["lib: run::system::registering", "registration: "]),
    # --- app
    ("app", "src/app/detection.rs", "before != Some(&summary) && risk.holds(&merged, new_windows())", "risk.holds(&merged, new_windows())", ["lib: app::"]),
    ("app", "src/app/detection.rs", "risk.holds(&merged, all_windows())", "risk.holds(&merged, new_windows())", ["lib: app::"]),
    ("app", "src/app/detection.rs", "w.day() >= oldest", "w.day() > oldest", ["lib: app::"]),
    ("app", "src/app/reading.rs", "*reading == V1Reading::Android && *gate != Gate::OfEachExposure", "*gate != Gate::OfEachExposure", ["lib: app::"]),
    ("app", "src/app/reading.rs", "seconds > *more_than_s", "seconds >= *more_than_s", ["lib: app::"]),
    ("app", "src/app/reading.rs", "b.t_s - a.t_s <= CONTINUOUS_GAP_S", "b.t_s - a.t_s < CONTINUOUS_GAP_S", ["lib: app::"]),
    ("app", "src/app/verdict.rs", "t_s < split_s", "t_s <= split_s", ["lib: app::"]),
    ("app", "src/app/risk.rs", "*s > 0.0", "true", ["lib: app::"]),
    ("app", "src/app/risk.rs", "conditions.iter().all(|c| c.operator == Operator::Nop)", "false", ["lib: app::"]),
    ("app", "src/app/verdict.rs", "a.day() == b.day()", "true", ["lib: app::"]),
    ("app", "src/app/faults.rs", "(from_s..until_s).contains(&at_s)", "(from_s..=until_s).contains(&at_s)", ["lib: app::faults"]),
    ("server", "src/authority/cases.rs", "at_s - ready_s <= waits_s", "at_s - ready_s < waits_s + 86_400", ["lib: authority::"]),
    ("server", "src/authority/cases.rs", "if is_confirmed_first { result_s + seconds(config.entry_into_hersys_h) } else { result_s }", "result_s + seconds(config.entry_into_hersys_h)", ["lib: authority::"]),
    ("server", "src/authority/governments.rs", "if own { known_s } else { weekday_s(known_s + proxy_s) }", "if own { known_s } else { known_s + proxy_s }", ["lib: authority::"]),
    ("app", "src/app/faults.rs", "(place(self.from)..until).contains(&place(release.name))", "(place(self.from)..=until).contains(&place(release.name))", ["lib: app::faults"]),
    ("app", "src/app/fetch.rs", "(self.phase_s - now_s).rem_euclid(self.period_s)", "(self.phase_s - now_s) % self.period_s", ["lib: app::fetch"]),
    ("app", "src/app/registration.rs", "self.has(Mechanism::ValidNumberRejected) && has_old_key(keys, now_s)", "false", ["funnel: "]),
    ("app", "src/app/phone.rs", "!outcome.refused || skips", "!outcome.refused", ["gaen_traps: trap_16"]),
    ("app", "src/app/phone.rs", "(detection.notified || detection.shows_news()).then_some(Mechanism::SkippedBatch)", "Some(Mechanism::SkippedBatch)", ["rules: "]),
    ("app", "src/app/releases.rs", "self.ios.is_none_or(|ios| ios == app.ios)", "true", ["lib: app::releases"]),
    # --- accuracy
    ("accuracy", "src/accuracy/groups.rs", "(h != g).then_some(h)", "Some(h)", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/rates.rs", "effective.clamp(1.0, pairs)", "effective.max(1.0)", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/rates.rs", "((tn + fp) * (tn + fn_)).sqrt()", "((tn + fp) * (tn + fp)).sqrt()", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/rates.rs", "(g - 1.0) / g", "1.0", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/causes.rs", "f.within_ignoring_walls_s >= f.duration_s", "false", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/causes.rs", "f.near_s < need_s", "f.near_s <= need_s", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/tally.rs", "if judged.came_near { Counted::Always } else { Counted::IfFired }", "Counted::Always", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/counts.rs", "self.carried.extend(&other.carried);", "", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/strata.rs", "if strata.observer_is_a { a * 6 + b } else { b * 6 + a }", "a * 6 + b", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/strata.rs", "(transmitter as usize) * 2 + observer as usize", "(observer as usize) * 2 + transmitter as usize", ["lib: accuracy::"]),
    ("accuracy", "src/accuracy/strata.rs", "kind != VenueKind::HOME", "true", ["lib: accuracy::", "lib: run::rows"]),
    ("accuracy", "src/app/shortfall.rs", "f64::from(run.duration_s) >= need_s", "true", ["lib: app::shortfall"]),
    # --- output
    ("output", "src/output/finished.rs", "sha256_hex(&bytes) == sha256", "true", ["lib: output::"]),
    ("output", "src/output/finished.rs", "!finished.contains_key(&format!(\"{prefix}{name}\"))", "false", ["lib: output::"]),
    ("output", "src/output/finished.rs", "last.is_none_or(|last| *day > last)", "true", ["lib: output::"]),
    ("output", "src/output/folder.rs", "!run.root.join(MANIFEST).is_file() && !run.state_dir().is_dir()", "false", ["lib: output::"]),
    ("output", "src/output/folder.rs", "self.root.join(MANIFEST).is_file() && !self.root.join(CHECKPOINT).exists()", "self.root.join(MANIFEST).is_file()", ["lib: output::", "lib: run::resume"]),
    ("output", "src/output/manifest.rs", "manifest[*list] == listed[*list]", "true", ["lib: output::"]),
    ("output", "src/output/parquet_write.rs", "(first + ROW_GROUP_ROWS).min(batch.rows())", "batch.rows()", ["lib: output::"]),
    ("output", "src/output/parquet_write.rs", "i16::from(there)", "1", ["lib: output::"]),
    ("output", "src/output/parquet_write.rs", "x.cast_signed()", "(x & 0x7FFF_FFFF).cast_signed()", ["lib: output::"]),
    # --- report
    ("report", "src/report/shared_rows.rs", "rules[row[0]].1 == *figures", "true", ["lib: report::shared_rows"]),
    ("report", "src/report/data.rs", "self.mode != AS_IF", "true", ["lib: report::tests"]),
    # --- run
    ("venue", "src/venue/kind/draws.rs", "of_floor_m - place.from_end_m", "place.from_end_m", ["lib: venue::kind"]),
    ("venue", "src/venue/kind/draws.rs", "z.abs() <= CUT_SD", "true", ["lib: venue::kind"]),
    ("venue", "src/venue/kind/lay.rs", "(top.low.y_m - from_edge_m, Facing::Up)", "(top.low.y_m - from_edge_m, Facing::Down)", ["lib: venue::kind"]),
    ("venue", "src/venue/kind/lay.rs", "along_m + door.width_m / 2.0", "along_m", ["lib: venue::kind"]),
    ("venue", "src/venue/kind/check.rs", "a.distance_m(b) < apart_m - TOUCH_M", "false", ["lib: venue::kind"]),
    ("venue", "src/venue/kind/check.rs", "other.solids.iter().any(|theirs| theirs.overlaps(area))", "false", ["lib: venue::kind"]),
    ("venue", "src/venue/reach.rs", "from_any.contains(&of)", "true", ["lib: venue::"]),
    ("venue", "src/venue/kind/lay.rs", "(from..=to).contains(&self.people)", "true", ["lib: venue::"]),
    ("venue", "src/venue/kind/check.rs", "crosses(**p, top, wall.from, wall.to)", "false", ["lib: venue::"]),
    ("venue", "src/scenario/kinds.rs", "kinds.own.iter().any(|other| other.name == kind.name)", "false", ["venues: listed_files"]),
    ("engine", "src/engine/itinerary.rs", "v.end_s == stay.start_s && v.venue == stay.venue", "false", ["lib: engine::itinerary"]),
    ("run", "src/run/resume.rs", "checkpoint.next_day.next()", "checkpoint.next_day", ["resume: "]),
    ("accuracy", "src/accuracy/counts.rs", "n < other", "n > other", ["lib: accuracy::counts"]),
    ("accuracy", "src/accuracy/counts.rs", "row.iter().fold(0, |any, n| any | n)", "0", ["lib: accuracy::counts"]),
    ("run", "src/run/resume.rs", "sha256_hex(content).as_bytes() != checksum", "false", ["lib: run::"]),
    ("run", "src/run/resume.rs", "other[\"sha256\"] != input[\"sha256\"]", "false", ["lib: run::"]),
    ("run", "src/run/system/events.rs", "self.server.newest_s() > self.last_created_s(person)", "false", ["lib: run::system"]),
    ("run", "src/run/outcome/funnel.rs", "(1..steps.len()).contains(&way.steps())", "way.steps() < steps.len()", ["lib: run::"]),
    ("engine", "src/engine/judge.rs", "setup.runs(a, day) && setup.runs(b, day)", "setup.runs(a, day)", ["lib: engine::"]),
    ("engine", "src/engine/judge.rs", "within_ignoring_walls_s: half.within_ignoring_walls_s", "within_ignoring_walls_s: half.within_s", ["lib: engine::"]),
    ("engine", "src/engine/judge.rs", "verdict.before_s < verdict.after_s", "verdict.before_s <= verdict.after_s", ["lib: engine::"]),
    ("engine", "src/engine/bridge.rs", "reached == steps.len()", "reached > 0", ["lib: engine::bridge"]),
    ("engine", "src/engine/presence.rs", "visit.end_s.min(to_s)", "visit.end_s", ["lib: engine::presence"]),
    ("engine", "src/engine/presence.rs", "*kind != VenueKind::HOME", "true", ["lib: engine::presence"]),
    ("engine", "src/engine/judge.rs", "counts.presence.add_contact(nearest.venue_kind)", "()", ["compare: "]),
    ("run", "src/run/had.rs", "of_system(came_out) > last", "of_system(came_out) < last", ["lib: run::had"]),
    ("setup", "src/setup/cases.rs", "takes_part(i) && !is_other(i)", "takes_part(i)", ["lib: setup::"]),
    ("engine", "src/engine/observe.rs", "people.binary_search(p).is_ok()", "true", ["sources: "]),
    ("authority", "src/authority/cases.rs", "-days_before_onset", "1 - days_before_onset", ["lib: authority::"]),
    # --- phones over time
    ("setup", "src/setup/installation.rs", "self.from <= day && day < self.until", "self.from <= day && day <= self.until", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "latest.end != Some(Absent::Uninstalled) || day < latest.until", "true", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "(latest.keys_from.0..=day.0).contains(&key_day.0)", "key_day.0 <= day.0", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "day < *installed", "false", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "f64::from(age_years) < self.timeline.number(Setting::AdultAtYears, day.start().0)", "f64::from(age_years) <= self.timeline.number(Setting::AdultAtYears, day.start().0)", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "is_minor && refuses(&self.draws, &self.config.drop_out, person, *step)", "refuses(&self.draws, &self.config.drop_out, person, *step)", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "share * self.downloads.by(self.last_day)", "share * 41.28", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "self.draws.of(person, Drawn::Leaves, OF_KIND | stretch) * a_year < uninstalls", "true", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "Installation { day: back, ..app }", "app", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "self.draws.of(person, Drawn::Leaves, OF_RETURN | stretch) >= share", "false", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "self.draws.of(person, Drawn::Restored, 0) >= self.config.restored_share", "false", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "RESTORED_ON.contains(&system)", "true", ["lib: setup::"]),
    ("setup", "src/setup/installation.rs", "on.min(stretch.until)", "off", ["lib: setup::"]),
    ("setup", "src/setup/world.rs", "since_s.contains(from_s)", "true", ["lib: setup::"]),
    ("setup", "src/setup/world.rs", "release.asks_again()", "true", ["lib: setup::"]),
    ("setup", "src/setup/world.rs", "PhoneDraws::new(self.seed).of(person, Drawn::Abroad, day.0 as u32)", "PhoneDraws::new(self.seed).of(person, Drawn::Abroad, 0)", ["lib: setup::"]),
    ("setup", "src/setup/world.rs", "self.faults.is_on_phone(Mechanism::DisabledOrAbroad, installed.ios, installed.release)", "true", ["lib: setup::"]),
    ("app", "src/app/releases.rs", "system >= dated.needs", "true", ["lib: app::releases", "lib: setup::"]),
    ("app", "src/app/releases.rs", "numbers(self.name) >= numbers(name)", "numbers(self.name) > numbers(name)", ["lib: app::releases"]),
    ("population", "src/population/off.rs", "*begins_s < to_s && from_s < *ends_s", "*begins_s <= to_s && from_s < *ends_s", ["lib: population::"]),
    ("population", "src/population/off.rs", "off.until_h < off.from_h", "false", ["lib: population::"]),
    ("population", "src/population/off.rs", "what != What::Phone", "false", ["lib: population::"]),
    ("population", "src/population/off.rs", "self.keyed.uniform(phone.0, number, *day as u32) < row.days_share", "row.days_share > 0.0", ["lib: population::"]),
    ("population", "src/population/build.rs", "draws.of(person, Drawn::NeverUpdates, 0) >= config.never_updates_share", "true", ["lib: setup::"]),
    ("history", "src/history/downloads.rs", "two[1].1 > millions", "two[1].1 >= millions", ["lib: history::"]),
    ("history", "src/history/downloads.rs", "past.clamp(0, days - 1) + 1", "past.clamp(0, days - 1)", ["lib: history::"]),
    ("engine", "src/engine/place.rs", "setup.off_s(phone, (window.from_s, window.to_s))", "Vec::new()", ["outages: "]),
    ("engine", "src/engine/place.rs", "!(*from_s..*to_s).contains(&scan.start_s)", "true", ["outages: "]),
    ("run", "src/run/system/events.rs", "Some(Reason::SwitchedOff)", "None", ["lib: run::system"]),
    ("setup", "src/setup/world.rs", "self.uses.has_key(person, day, key_day)", "true", ["lib: run::system"]),
    ("run", "src/run/state.rs", "*why == Absent::Uninstalled", "true", ["lib: run::state"]),
    # --- from a check to a test
    ("app", "src/app/fetch.rs", "idle >= IDLE_SHARE", "false", ["lib: app::fetch"]),
    ("app", "src/app/fetch.rs", "!self.ios && battery < config.battery_low_share", "battery < config.battery_low_share", ["lib: app::fetch"]),
    ("app", "src/app/fetch.rs", "f64::from(release.checks_every_h_android)", "6.0", ["lib: app::fetch"]),
    ("app", "src/app/screen.rs", "!self.has(Mechanism::OldDaysStayShown)", "true", ["lib: app::screen"]),
    ("app", "src/app/screen.rs", "line.day < today.plus_days(-DAYS_ON_SCREEN)", "line.day <= today.plus_days(-DAYS_ON_SCREEN)", ["lib: app::screen"]),
    ("app", "src/app/evaluated.rs", "scan.typical_db <= FAR_ABOVE_DB", "scan.typical_db < FAR_ABOVE_DB", ["lib: app::detection"]),
    ("app", "src/app/phone.rs", "place(self.installed_as.name) < place(\"1.2.0\")", "true", ["warnings: "]),
    ("app", "src/app/releases.rs", "current = newest(updates)?.max(current + 1)", "current += 1", ["lib: app::releases"]),
    ("authority", "src/authority/warned.rs", "draws.turns >= config.contacts_share", "false", ["lib: authority::warned"]),
    ("authority", "src/authority/warned.rs", "draws.form < config.form_share", "true", ["lib: authority::warned"]),
    ("authority", "src/authority/warned.rs", "case.infected_s + detectable_s <= tested_s", "case.infected_s + detectable_s < tested_s", ["lib: authority::warned"]),
    ("authority", "src/authority/warned.rs", "case.tested_s <= tested_s && case.infected_s <= tested_s", "false", ["lib: authority::warned"]),
    ("run", "src/run/system/records.rs", "self.stopped.is_some() && day < today && opens(day)", "self.stopped.is_some() && opens(day)", ["lib: run::system::records"]),
    ("run", "src/run/system/records.rs", "self.stopped.get_or_insert(mechanism);", "self.stopped = Some(mechanism);", ["lib: run::system::records"]),
    ("run", "src/run/system/phone_log.rs", "UnixSeconds(line.at_s).day_jst() > last_day.plus_days(-KEEPS_DAYS)", "UnixSeconds(line.at_s).day_jst() >= last_day.plus_days(-KEEPS_DAYS)", ["lib: run::system::phone_log"]),
    ("run", "src/run/system/events.rs", "is_notified && world.gets_notifications(person)", "is_notified", ["warnings: "]),
    ("run", "src/run/system/events.rs", "self.phones.get(&person).filter(|_| world.screen_opens(person, day))", "self.phones.get(&person)", ["warnings: "]),
    ("run", "src/run/system/events.rs", "(*from_s..*until_s).contains(&(day.start().0 - 1))", "*from_s < day.start().0", ["lib: run::system"]),
    ("setup", "src/setup/world.rs", "share > 0.0 && installed.has(mechanism)", "share > 0.0", ["warnings: "]),
    ("setup", "src/setup/world.rs", "self.draw(person, Draw::OpensNotified, now_s as u32) < self.app.opens_when_notified_share", "true", ["warnings: "]),
    ("setup", "src/setup/world.rs", "self.log_person == Some(person) && installed.release.writes_log", "self.log_person == Some(person)", ["warnings: "]),
    ("population", "src/population/hands.rs", "(alone[partner.index()], partner.index()) < (*day, phone)", "(alone[partner.index()], partner.index()) > (*day, phone)", ["lib: population::"]),
    ("population", "src/population/hands.rs", "days.min(1e6) as i32 + 1", "days.min(1e6) as i32", ["lib: population::"]),
    ("population", "src/population/hands.rs", "self.is_swapped(person.min(*partner), day)", "self.is_swapped(person, day)", ["lib: population::"]),
    ("population", "src/population/hands.rs", "begins(phone).is_some() && draws.of(phone, Drawn::SecondPhone, 0) < second_share", "draws.of(phone, Drawn::SecondPhone, 0) < second_share", ["lib: population::"]),
    ("population", "src/population/hands.rs", "!DayJst(day.0).is_weekday()", "true", ["lib: population::"]),
    ("population", "src/population/hands.rs", "!has_two.get(person.index()).is_some_and(|two| *two)", "true", ["lib: population::"]),
    ("setup", "src/setup/world.rs", "!self.hands.carries_private(phone, UnixSeconds(at_s).day_utc())", "true", ["phones: "]),
    ("setup", "src/setup/cases.rs", "self.hands.own(PersonId(i as u32), result.day_utc()).is_some_and(is_used)", "is_used(PersonId(i as u32))", ["lib: setup::cases"]),
    ("run", "src/run/outcome/funnel.rs", "setup.hands.carries_private(person, day).then_some(Absent::OnOtherPhone)", "None", ["phones: "]),
    ("app", "src/app/registration.rs", "key.rolling_period < RPIS_A_KEY as u32", "key.rolling_period > RPIS_A_KEY as u32", ["faults: every_fault"]),
    ("run", "src/run/outcome/funnel.rs", "system.checked_before_s(person, of.until).is_none_or(|at_s| at_s < exported_s)", "system.checked_before_s(person, DayJst(i32::MAX)).is_none_or(|at_s| at_s < exported_s)", ["lib: run::system"]),
    # --- city, and how people walk, ride and are served
    ("places", "src/places/ride.rs", "at(**other).distance_m(at(seat)) <= SIDE_BY_SIDE_M", "false", ["lib: places::"]),
    ("places", "src/places/ride.rs", "rng.random::<f64>() >= model.makes_room_share", "false", ["lib: places::"]),
    ("places", "src/places/queue.rs", "self.served_facing_rad.filter(|_| place == 0).unwrap_or_else(along_rad)", "along_rad()", ["lib: places::"]),
    ("places", "src/places/aisles.rs", "if aside_m > 0.0 { at.offset(facing_rad, aside_m) } else { at }", "at", ["lib: places::"]),
    ("places", "src/places/aisles.rs", "if self.is_reversed { 1.0 - share } else { share }", "share", ["lib: places::"]),
    ("places", "src/places/ways.rs", "left_m > 0.0", "false", ["lib: places::"]),
    ("city", "src/city/lines.rs", "from_s - CHANGE_S", "from_s", ["lib: city::"]),
    ("city", "src/city/duty.rs", "*turn < turns(opening)", "true", ["lib: city::"]),
    ("city", "src/city/days.rs", "habits[0] < self.config.changes_share", "true", ["lib: city::"]),
    ("city", "src/city/stays.rs", "self.is_free((stay.start_s, stay.end_s))", "true", ["lib: city::"]),
    ("meetings", "src/meetings/days.rs", "faced.binary_search(&key).is_ok()", "true", ["lib: meetings::"]),
]

# Of a struct's field the value alone is an expression.
FIELD = re.compile(r"^(\w+): (.+)$", re.S)

SWITCH = '''
/// Whether the fault of this number is awake.
#[doc(hidden)]
pub fn mutant(number: u32) -> bool {
    static AWAKE: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *AWAKE.get_or_init(|| std::env::var("MUTANT").ok().and_then(|v| v.parse().ok()).unwrap_or(0)) == number
}
'''


def without_tests(text):
    """The part of a file that a fault may stand in: what comes before its unit tests."""
    return text.split("#[cfg(test)]")[0]


def misplaced():
    """Faults whose place is gone, is there more than once, or is no code: a fault is an expression."""
    wrong = []
    for number, (_, file, old, _, _) in enumerate(MUTANTS, 1):
        count = without_tests((ROOT / file).read_text()).count(old)
        if count != 1 or not file.endswith(".rs"):
            wrong.append(f"{number}: {file}: {count} times: {old}")
    return wrong


def copy_with_faults(to):
    skip = shutil.ignore_patterns("target", ".git", "outputs", "*.pyc", "__pycache__")
    shutil.copytree(ROOT, to, ignore=skip)
    (to / "outputs").mkdir()
    files = {}
    for number, (_, file, old, new, _) in enumerate(MUTANTS, 1):
        text = files.get(file) or (to / file).read_text()
        field = FIELD.match(old)
        if field:
            value = FIELD.match(new)[2]
            switched = f"{field[1]}: (if crate::mutant({number}) {{ {value} }} else {{ {field[2]} }})"
        else:
            switched = f"(if crate::mutant({number}) {{ {new} }} else {{ {old} }})"
        files[file] = text.replace(old, switched, 1)
    for file, text in files.items():
        (to / file).write_text(text)
    lib = to / "src/lib.rs"
    lib.write_text(lib.read_text() + SWITCH)


def build(tree, target, chosen):
    """Test programs that these faults are given to, by name: "lib", and those of tests/."""
    names = sorted({f.split(":", 1)[0] for number in chosen for f in MUTANTS[number - 1][4]})
    chosen = [part for name in names for part in (["--lib"] if name == "lib" else ["--test", name])]
    command = ["cargo", "test", "--release", "--no-run", "--message-format=json", *chosen]
    env = os.environ | {"CARGO_TARGET_DIR": str(target)}
    done = subprocess.run(command, cwd=tree, env=env, stdout=subprocess.PIPE, text=True)
    programs = {}
    for line in done.stdout.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("reason") == "compiler-message" and message["message"]["level"] == "error":
            print(message["message"]["rendered"], file=sys.stderr)
        if message.get("executable") and message["profile"]["test"]:
            kinds = message["target"]["kind"]
            programs["lib" if "lib" in kinds else message["target"]["name"]] = message["executable"]
    if done.returncode:
        sys.exit("the copy with all faults asleep does not build")
    return programs


def failing(programs, filters, number, tree, jobs):
    """Names of the tests that fail with a fault awake."""
    failed = set()
    for told in filters:
        name, only = (part.strip() for part in told.split(":", 1))
        command = [programs[name], f"--test-threads={jobs}", "--skip", "snapshot", "--skip", "architecture"] + ([only] if only else [])
        env = os.environ | {"MUTANT": str(number), "RUST_BACKTRACE": "0", "PROPTEST_FAILURE_PERSISTENCE": "off"}
        try:
            done = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            failed.add(f"{told} (goes on for ever)")
            continue
        here = {m[1] for m in re.finditer(r"^test (\S+) \.\.\. FAILED", done.stdout, re.M)}
        here |= {m[1] for m in re.finditer(r"^    (\S+)$", done.stdout.split("\nfailures:\n")[-1], re.M)} if "\nfailures:\n" in done.stdout else set()
        if done.returncode and not here:
            here = {f"{told} (ended by {done.returncode})"}
        failed |= here
    return failed


def numbers(texts):
    chosen = set()
    for text in texts:
        first, _, last = text.partition("-")
        chosen |= set(range(int(first), int(last or first) + 1))
    return chosen or set(range(1, len(MUTANTS) + 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--target", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    wrong = misplaced()
    if wrong:
        sys.exit("\n".join(["faults without their one place:", *wrong]))
    rooms = sorted({m[0] for m in MUTANTS})
    print(f"{len(MUTANTS)} faults in {len(rooms)} rooms ({', '.join(rooms)}), each in its place", flush=True)
    if args.check:
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        copy_with_faults(tree)
        chosen = sorted(numbers(args.numbers))
        programs = build(tree, args.target or Path(folder) / "target", chosen)
        asleep = {}
        died = []
        for number in chosen:
            room, file, old, new, filters = MUTANTS[number - 1]
            for told in filters:
                if told not in asleep:
                    asleep[told] = failing(programs, [told], 0, tree, args.jobs)
            noticed = sorted(failing(programs, filters, number, tree, args.jobs) - set().union(*(asleep[f] for f in filters)))
            died += [number] if noticed else []
            by = f"{noticed[0]}" + (f" and {len(noticed) - 1} more" if len(noticed) > 1 else "") if noticed else SURVIVORS.get(old, "")
            print(f"{number:3} {'died' if noticed else 'LIVES':5} {room:10} {file}: {old[:60]!r} -> {new[:40]!r}: {by}", flush=True)
        share = len(died) / len(chosen)
        for told, failed in asleep.items():
            if failed:
                print(f"fails with all asleep, {told}: {', '.join(sorted(failed))}")
        print(f"{len(died)} of {len(chosen)} died ({share:.0%}); survivors: {[n for n in chosen if n not in died]}")
        if share < LEAST_SHARE:
            sys.exit(f"fewer than {LEAST_SHARE:.0%}")


if __name__ == "__main__":
    main()
