//! When a job runs: a function of its hours, of what became of its last run, and of the time.
//!
//! 1. A run is of a day; its hours count from the midnight (UTC) that begins it, as in the plan.
//! 2. The run that is looked at is the last one, while it is under way; else the first after it
//!    whose first piece has not ended, and would not have begun while the one before was under way.
//! 3. A try begins within a piece. Where the job may be interrupted it is stopped when the piece
//!    ends, unless that was the last one; else it goes on until the deadline.
//! 4. A try that fails is followed by another after a wait, at most [`MOST_TRIES`] in all: each
//!    costs a whole run.
//! 5. What was asked for runs at once, whatever its hours, for as long as its deadline lets it.
//! 6. What has no hours left, or has come to its deadline, is late.
//!
//! Always holds: what is over is never begun again by itself, and nothing is begun while a process
//! of it is there. Absent: clocks, and processes.

use eclexia_deploy::registry::{At, DAY, Run, RunState};
use eclexia_targets::local::Job;

const HOUR: u64 = DAY / 24;

/// Tries of one run.
pub const MOST_TRIES: u32 = 3;

/// The wait after the first failure, milliseconds; each is so many times as long as the one before.
const FIRST_WAIT: u64 = 10_000;
const LONGER: u64 = 6;

/// What is there of a job's process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alive {
    No,
    Running,
    /// It has been asked to end, or is of another version.
    Leaving,
}

/// What is known of a job.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Digest of what it is started from now.
    pub spec: &'a str,
    /// The last run of which anything is recorded.
    pub last: Option<&'a Run>,
    /// Since when it is deployed: hours that had ended by then do not count.
    pub since: At,
    pub alive: Alive,
}

/// What is to be done with the run of a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    pub day: u32,
    pub order: Order,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Nothing before this time.
    Wait(At),
    /// A process, now.
    Start,
    /// Its process goes on, or is about to end.
    GoOn,
    /// Its process ends, and why.
    Stop(String),
    /// The run is over: done it is by its process alone, so it has failed or is late.
    Over(RunState, String),
}

/// A run's hours as times.
struct Hours {
    pieces: Vec<(At, At)>,
    until: At,
}

impl Hours {
    fn of(job: &Job, day: u32) -> Hours {
        let at = |hour: u32| At(u64::from(day) * DAY + u64::from(hour) * HOUR);
        let pieces = job.pieces.iter().map(|piece| (at(piece.start_hour), at(piece.end_hour())));
        Hours { pieces: pieces.collect(), until: at(job.deadline_hours) }
    }

    /// Of a run that somebody asked for: at once, and for as long as its deadline lets it.
    fn asked(job: &Job, asked: At) -> Hours {
        let until = asked.after(u64::from(job.deadline_hours) * HOUR);
        Hours { pieces: vec![(asked, until)], until }
    }

    /// The first time from this one on at which a try may begin.
    fn from(&self, at: At) -> Option<At> {
        let left = self.pieces.iter().find(|(_, end)| *end > at);
        left.map(|(start, _)| at.max(*start))
    }

    /// When the next piece begins, where none is under way.
    fn next_piece(&self, now: At) -> Option<At> {
        let is_within = self.pieces.iter().any(|(start, end)| (*start..*end).contains(&now));
        let next = self.pieces.iter().map(|(start, _)| *start).find(|start| *start > now);
        next.filter(|_| !is_within)
    }
}

/// How long after so many failures the next try is.
pub fn wait(failures: u32) -> u64 {
    FIRST_WAIT.saturating_mul(LONGER.saturating_pow(failures.saturating_sub(1)))
}

pub fn decide(job: &Job, known: &Known<'_>, now: At) -> Decision {
    let under_way = known.last.filter(|last| is_under_way(job, known, last, now));
    let Some(run) = under_way else { return next(job, known, now) };
    let hours = hours_of(job, run);
    // A new version has all of its tries.
    let failures = if run.spec == known.spec { run.failures } else { 0 };
    let order = match known.alive {
        Alive::Leaving => Order::GoOn,
        Alive::Running => running(job, &hours, now),
        Alive::No => waiting(&hours, run, failures, now),
    };
    Decision { day: run.day, order }
}

fn hours_of(job: &Job, run: &Run) -> Hours {
    match run.asked {
        Some(asked) => Hours::asked(job, asked),
        None => Hours::of(job, run.day),
    }
}

/// Whether the last run is not over. One that failed goes on when there is something new to try it
/// with, and hours to do so.
fn is_under_way(job: &Job, known: &Known<'_>, last: &Run, now: At) -> bool {
    match last.state {
        // What was destroyed under way, and comes back after its hours, is not told as late.
        RunState::Begun => hours_of(job, last).until > known.since,
        RunState::Failed => last.spec != known.spec && Hours::of(job, last.day).from(now).is_some(),
        RunState::Done | RunState::Late => false,
    }
}

fn running(job: &Job, hours: &Hours, now: At) -> Order {
    if now >= hours.until {
        return Order::Stop("its deadline has passed".to_owned());
    }
    match hours.next_piece(now) {
        Some(next) if job.interruptible => {
            Order::Stop(format!("its piece has ended; it goes on at {next}"))
        }
        _ => Order::GoOn,
    }
}

fn waiting(hours: &Hours, run: &Run, failures: u32, now: At) -> Order {
    let said = run.said.clone().unwrap_or_default();
    if failures >= MOST_TRIES {
        return Order::Over(RunState::Failed, format!("it failed {failures} times: {said}"));
    }
    if now >= hours.until {
        return Order::Over(RunState::Late, "its deadline has passed".to_owned());
    }
    let again = if failures == 0 { now } else { now.max(run.changed.after(wait(failures))) };
    match hours.from(again) {
        Some(at) if at <= now => Order::Start,
        Some(at) => Order::Wait(at),
        None if failures > 0 => {
            Order::Over(RunState::Failed, format!("it failed, and its hours are over: {said}"))
        }
        None => Order::Over(RunState::Late, "its hours have passed".to_owned()),
    }
}

/// The run that comes next, where none is under way. One that has been missed is told; of several
/// the last.
fn next(job: &Job, known: &Known<'_>, now: At) -> Decision {
    let (Some(first), Some(last)) = (job.pieces.first(), job.pieces.last()) else {
        return Decision { day: 0, order: Order::Wait(At(u64::MAX)) };
    };
    let before = |time: At, hour: u32| time.0.saturating_sub(u64::from(hour) * HOUR);
    // The first whose first piece ends after it was deployed.
    let mut day = before(known.since, first.end_hour()) / DAY;
    day += u64::from(At(day * DAY + u64::from(first.end_hour()) * HOUR) <= known.since);
    if let Some(run) = known.last {
        // And begins after the one before it was over.
        day = day.max(u64::from(run.day) + 1);
        day = day.max(before(run.changed, first.start_hour).div_ceil(DAY));
    }
    // Whose hours had all passed by now: the last such day.
    let passed = (now.0 >= u64::from(last.end_hour()) * HOUR)
        .then(|| before(now, last.end_hour()) / DAY)
        .filter(|missed| *missed >= day);
    let to_day = |day: u64| u32::try_from(day).unwrap_or(u32::MAX);
    if let Some(missed) = passed.filter(|_| known.alive == Alive::No) {
        let why = "its hours have passed, and nothing had begun it".to_owned();
        return Decision { day: to_day(missed), order: Order::Over(RunState::Late, why) };
    }
    let day = to_day(day);
    let order = match Hours::of(job, day).from(now) {
        _ if known.alive != Alive::No => Order::GoOn,
        Some(at) if at <= now => Order::Start,
        Some(at) => Order::Wait(at),
        None => Order::Wait(At(u64::MAX)),
    };
    Decision { day, order }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_model::{Address, Piece, Rollout};
    use eclexia_targets::local::{Limits, Service};

    /// 2026-12-02.
    const TODAY: u32 = 20_789;

    fn job(pieces: &[(u32, u32)], deadline_hours: u32, interruptible: bool) -> Job {
        let process = Service {
            name: "backup".to_owned(),
            address: Address::new("night.backup"),
            variant: String::new(),
            replicas: 1,
            command: vec!["true".to_owned()],
            env: vec![],
            files: vec![],
            ports: vec![],
            needs: vec![],
            volumes: vec![],
            probes: vec![],
            limits: Limits::default(),
            rollout: Rollout::Recreate,
            isolated: false,
            public: false,
        };
        let piece = |&(start_hour, hours): &(u32, u32)| Piece { start_hour, hours };
        Job { process, pieces: pieces.iter().map(piece).collect(), deadline_hours, interruptible }
    }

    /// Hours and minutes of a day from today on.
    fn at(day: u64, hour: u64, minute: u64) -> At {
        At((u64::from(TODAY) + day) * DAY + hour * HOUR + minute * 60_000)
    }

    fn run(day: i64, state: RunState, failures: u32, changed: At) -> Run {
        Run {
            deployment: "night".to_owned(),
            job: "backup".to_owned(),
            day: u32::try_from(i64::from(TODAY) + day).unwrap(),
            spec: "a".to_owned(),
            state,
            failures,
            asked: None,
            changed,
            said: Some("exit status: 1".to_owned()),
        }
    }

    /// Of a job that is deployed since this morning.
    fn decided(job: &Job, last: Option<&Run>, alive: Alive, now: At) -> (i64, Order) {
        let known = Known { spec: "a", last, since: at(0, 0, 30), alive };
        let Decision { day, order } = decide(job, &known, now);
        (i64::from(day) - i64::from(TODAY), order)
    }

    fn is_stop(decided: &(i64, Order)) -> bool {
        matches!(decided.1, Order::Stop(_))
    }

    fn over(decided: &(i64, Order)) -> Option<RunState> {
        match decided.1 {
            Order::Over(state, _) => Some(state),
            _ => None,
        }
    }

    #[test]
    fn a_run_begins_in_its_hour_and_what_is_done_waits_for_the_next_day() {
        let job = job(&[(3, 2)], 24, false);
        let idle = |last: Option<&Run>, now| decided(&job, last, Alive::No, now);
        assert_eq!(idle(None, at(0, 1, 0)), (0, Order::Wait(at(0, 3, 0))));
        assert_eq!(idle(None, at(0, 3, 0)), (0, Order::Start));
        assert_eq!(idle(None, at(0, 4, 59)), (0, Order::Start));
        let done = run(0, RunState::Done, 0, at(0, 3, 10));
        assert_eq!(idle(Some(&done), at(0, 3, 11)), (1, Order::Wait(at(1, 3, 0))));
        assert_eq!(idle(Some(&done), at(1, 3, 0)), (1, Order::Start));
    }

    #[test]
    fn what_is_deployed_after_its_first_hours_begins_the_next_day() {
        for job in [job(&[(3, 2)], 24, false), job(&[(3, 2), (9, 2)], 24, true)] {
            let known = Known { spec: "a", last: None, since: at(0, 5, 0), alive: Alive::No };
            assert_eq!(decide(&job, &known, at(0, 9, 30)).day, TODAY + 1);
        }
        // And within them at once.
        let known = Known { spec: "a", last: None, since: at(0, 4, 0), alive: Alive::No };
        let decision = decide(&job(&[(3, 2)], 24, false), &known, at(0, 4, 0));
        assert_eq!(decision, Decision { day: TODAY, order: Order::Start });
    }

    #[test]
    fn it_is_stopped_between_its_pieces_where_it_may_be_and_goes_on_after_the_last() {
        let begun = run(0, RunState::Begun, 0, at(0, 1, 0));
        let pieces = job(&[(1, 2), (5, 1)], 12, true);
        let working = |now| decided(&pieces, Some(&begun), Alive::Running, now);
        assert_eq!(working(at(0, 2, 59)), (0, Order::GoOn));
        assert!(is_stop(&working(at(0, 3, 0))));
        assert_eq!(working(at(0, 5, 0)), (0, Order::GoOn));
        assert_eq!(working(at(0, 11, 59)), (0, Order::GoOn));
        assert!(is_stop(&working(at(0, 12, 0))));
        let stopped = |now| decided(&pieces, Some(&begun), Alive::No, now);
        assert_eq!(stopped(at(0, 3, 1)), (0, Order::Wait(at(0, 5, 0))));
        assert_eq!(stopped(at(0, 5, 0)), (0, Order::Start));
        assert_eq!(over(&stopped(at(0, 6, 0))), Some(RunState::Late));
        // One that may not be interrupted has its whole time.
        let whole = job(&[(1, 2)], 12, false);
        assert_eq!(decided(&whole, Some(&begun), Alive::Running, at(0, 5, 0)), (0, Order::GoOn));
        assert!(is_stop(&decided(&whole, Some(&begun), Alive::Running, at(0, 12, 0))));
        assert_eq!(decided(&whole, Some(&begun), Alive::Leaving, at(0, 12, 0)), (0, Order::GoOn));
    }

    #[test]
    fn failures_are_tried_again_later_and_later_within_the_hours_and_then_given_up() {
        let job = job(&[(3, 2)], 24, false);
        let failed = |failures, changed| run(0, RunState::Begun, failures, changed);
        let idle = |last: &Run, now| decided(&job, Some(last), Alive::No, now);
        let first = failed(1, at(0, 3, 10));
        assert_eq!(idle(&first, at(0, 3, 10)), (0, Order::Wait(at(0, 3, 10).after(10_000))));
        assert_eq!(idle(&first, at(0, 3, 11)), (0, Order::Start));
        let second = failed(2, at(0, 3, 11));
        assert_eq!(idle(&second, at(0, 3, 11)), (0, Order::Wait(at(0, 3, 12))));
        assert_eq!(over(&idle(&failed(3, at(0, 3, 12)), at(0, 3, 12))), Some(RunState::Failed));
        assert_eq!(over(&idle(&failed(1, at(0, 5, 0)), at(0, 5, 0))), Some(RunState::Failed));
        // The next day is another run, and so it is for what was given up.
        let given_up = run(0, RunState::Failed, 3, at(0, 3, 12));
        assert_eq!(idle(&given_up, at(0, 3, 13)), (1, Order::Wait(at(1, 3, 0))));
        assert_eq!(wait(u32::MAX), u64::MAX);
    }

    #[test]
    fn a_new_version_tries_again_what_failed_and_not_what_is_done() {
        let job = job(&[(3, 2)], 24, false);
        let with = |last: &Run, now| {
            let known =
                Known { spec: "b", last: Some(last), since: at(0, 3, 30), alive: Alive::No };
            decide(&job, &known, now)
        };
        let failed = run(0, RunState::Failed, 3, at(0, 3, 12));
        assert_eq!(with(&failed, at(0, 3, 30)), Decision { day: TODAY, order: Order::Start });
        assert_eq!(with(&failed, at(0, 5, 0)).day, TODAY + 1);
        let done = run(0, RunState::Done, 0, at(0, 3, 12));
        assert_eq!(with(&done, at(0, 3, 30)).day, TODAY + 1);
        let begun = run(0, RunState::Begun, 2, at(0, 3, 29));
        assert_eq!(with(&begun, at(0, 3, 30)).order, Order::Start);
    }

    #[test]
    fn what_was_missed_is_told_once_and_the_next_run_waited_for() {
        let job = job(&[(3, 2)], 24, false);
        let done = run(0, RunState::Done, 0, at(0, 3, 10));
        let missed = decided(&job, Some(&done), Alive::No, at(4, 7, 0));
        assert_eq!((missed.0, over(&missed)), (4, Some(RunState::Late)));
        let late = run(4, RunState::Late, 0, at(4, 7, 0));
        let order = decided(&job, Some(&late), Alive::No, at(4, 7, 0));
        assert_eq!(order, (5, Order::Wait(at(5, 3, 0))));
        // Within its hours it is not missed, in whatever piece.
        let two = super::tests::job(&[(3, 2), (9, 1)], 24, true);
        let order = decided(&two, Some(&done), Alive::No, at(1, 6, 0));
        assert_eq!(order, (1, Order::Wait(at(1, 9, 0))));
    }

    #[test]
    fn runs_of_several_days_do_not_begin_while_the_one_before_is_under_way() {
        let long = job(&[(2, 1), (30, 2)], 48, true);
        let begun = run(0, RunState::Begun, 0, at(0, 2, 0));
        let order = decided(&long, Some(&begun), Alive::No, at(1, 2, 0));
        assert_eq!(order, (0, Order::Wait(at(1, 6, 0))));
        let done = run(0, RunState::Done, 0, at(1, 6, 30));
        let order = decided(&long, Some(&done), Alive::No, at(1, 6, 30));
        assert_eq!(order, (2, Order::Wait(at(2, 2, 0))));
    }

    #[test]
    fn what_was_asked_for_runs_at_once_and_counts_for_its_day() {
        let job = job(&[(22, 1)], 24, true);
        let asked = Run { asked: Some(at(0, 14, 0)), ..run(0, RunState::Begun, 0, at(0, 14, 0)) };
        let order = |alive, now| decided(&job, Some(&asked), alive, now);
        assert_eq!(order(Alive::No, at(0, 14, 0)), (0, Order::Start));
        assert_eq!(order(Alive::Running, at(1, 13, 0)), (0, Order::GoOn));
        assert!(is_stop(&order(Alive::Running, at(1, 14, 0))));
        let done = Run { state: RunState::Done, changed: at(0, 14, 5), ..asked.clone() };
        assert_eq!(decided(&job, Some(&done), Alive::No, at(0, 22, 0)).0, 1);
    }

    /// Minute by minute, with a process that takes as long as it likes.
    #[test]
    fn at_any_time_there_is_at_most_one_run_a_day_and_it_is_within_its_hours() {
        for (pieces, deadline, interruptible) in [
            (&[(3, 2)][..], 24, false),
            (&[(0, 1), (2, 1), (7, 3)][..], 12, true),
            (&[(27, 2)][..], 72, false),
            (&[(20, 2), (30, 3)][..], 48, true),
        ] {
            let job = job(pieces, deadline, interruptible);
            let (mut last, mut left, mut starts): (Option<Run>, u64, u32) = (None, 0, 0);
            let day_of = |run: &Run| i64::from(run.day) - i64::from(TODAY);
            for minute in 0..20 * 24 * 60 {
                let now = at(0, 0, 30).after(minute * 60_000);
                let alive = if left > 0 { Alive::Running } else { Alive::No };
                let (day, order) = decided(&job, last.as_ref(), alive, now);
                let is_new = last.as_ref().is_none_or(|run| day_of(run) != day);
                match order {
                    Order::Start => {
                        let hours = Hours::of(&job, run(day, RunState::Begun, 0, now).day);
                        let is_within = |(start, end): &(At, At)| (*start..*end).contains(&now);
                        assert!(hours.pieces.iter().any(is_within), "{pieces:?} {now}");
                        assert!(last.as_ref().is_none_or(|run| day_of(run) <= day));
                        starts += u32::from(is_new);
                        last = Some(run(day, RunState::Begun, 0, now));
                        left = 45 + minute % 100;
                    }
                    Order::Stop(_) => left = 0,
                    Order::Over(state, _) => last = Some(run(day, state, 0, now)),
                    Order::Wait(until) => assert!(until > now, "{pieces:?} {now}"),
                    Order::GoOn => {
                        assert!(left > 0);
                        left -= 1;
                        if let (0, Some(run)) = (left, &mut last) {
                            (run.state, run.changed) = (RunState::Done, now);
                        }
                    }
                }
            }
            assert!((9..=21).contains(&starts), "{pieces:?}: {starts}");
        }
    }
}
