//! Which answers stand for the regions of one deployment.
//!
//! In: what was answered about each region. Out: the numbers that stand in the place of those that
//! the program says, and why there is none for the others. Always holds: what stands side by side
//! is of one kind. What a program says is an average; so a marginal rate stands only where every
//! region has one.

use crate::{Answer, Signal, State};
use std::collections::BTreeMap;

/// By region.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Live<'a> {
    pub answers: BTreeMap<&'a str, &'a Answer>,
    /// Why there is no number, of regions that somebody could know.
    pub without: BTreeMap<&'a str, String>,
}

/// `asked`: every region of the deployment; none: nobody knows such a region.
pub fn live(asked: &BTreeMap<String, Option<Answer>>) -> Live<'_> {
    let signal = |answer: &Option<Answer>| {
        let answer = answer.as_ref().filter(|answer| answer.state != State::Yearly)?;
        Some(answer.intensity.signal)
    };
    let is_marginal = asked.values().all(|answer| signal(answer) == Some(Signal::Marginal));
    let mut live = Live::default();
    for (region, answer) in asked {
        let Some(answer) = answer else { continue };
        let source = answer.intensity.source.title();
        if answer.state == State::Yearly {
            live.without.insert(region, why(answer));
        } else if answer.intensity.signal == Signal::Marginal && !is_marginal {
            let why = "what one kWh more emits, which is not compared with averages elsewhere";
            live.without.insert(region, format!("{source} says {why}"));
        } else {
            live.answers.insert(region, answer);
        }
    }
    live
}

fn why(answer: &Answer) -> String {
    let tried = answer.tried.iter().map(|tried| format!("{} {}", tried.source.title(), tried.why));
    match &tried.collect::<Vec<_>>()[..] {
        [] => "nobody is asked".to_owned(),
        tried => tried.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Intensity, Tried, When};
    use eclexia_settings::SourceKind;

    fn answer(signal: Signal, state: State) -> Option<Answer> {
        let source = SourceKind::WattTime;
        let intensity = Intensity {
            grams_per_kwh: 100.0,
            region: "X".to_owned(),
            at: When::Year(2024),
            source,
            published: String::new(),
            signal,
            is_estimate: false,
        };
        let tried = vec![Tried { source, why: "gave nothing: it hung".to_owned() }];
        Some(Answer { intensity, state, fetched: None, tried })
    }

    fn of(regions: &[(&str, Option<Answer>)]) -> BTreeMap<String, Option<Answer>> {
        regions.iter().map(|(name, answer)| ((*name).to_owned(), answer.clone())).collect()
    }

    #[test]
    fn marginal_rates_stand_where_every_region_has_one() {
        let marginal = answer(Signal::Marginal, State::Fresh);
        let both = of(&[("a", marginal.clone()), ("b", marginal.clone())]);
        assert_eq!(live(&both).answers.len(), 2);
        for other in
            [None, answer(Signal::Average, State::Kept), answer(Signal::Marginal, State::Yearly)]
        {
            let mixed = of(&[("a", marginal.clone()), ("b", other.clone())]);
            let live = live(&mixed);
            assert!(!live.answers.contains_key("a"), "{other:?}");
            assert!(live.without["a"].contains("not compared with averages"));
            let is_live = other.is_some_and(|other| other.state == State::Kept);
            assert_eq!(live.answers.contains_key("b"), is_live);
        }
    }

    #[test]
    fn averages_stand_beside_what_the_program_says_and_reasons_are_told() {
        let average = answer(Signal::Average, State::Stale);
        let some =
            of(&[("a", average), ("b", None), ("c", answer(Signal::Average, State::Yearly))]);
        let live = live(&some);
        assert_eq!(live.answers.keys().copied().collect::<Vec<_>>(), ["a"]);
        let why = [("c", "WattTime gave nothing: it hung".to_owned())].into();
        assert_eq!(live.without, why);
    }
}
