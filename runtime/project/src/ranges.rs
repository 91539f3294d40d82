//! Requirements as sets of versions, which is what the resolver computes with.

use pubgrub::Ranges;
use semver::{BuildMetadata, Comparator, Op, Prerelease, Version, VersionReq};

/// The versions that a requirement allows. Pre-releases between two versions are in the set; the
/// resolver takes one only where there is no release.
pub fn of(requires: &VersionReq) -> Ranges<Version> {
    requires.comparators.iter().fold(Ranges::full(), |all, one| all.intersection(&comparator(one)))
}

fn comparator(c: &Comparator) -> Ranges<Version> {
    let low = Version {
        major: c.major,
        minor: c.minor.unwrap_or(0),
        patch: c.patch.unwrap_or(0),
        pre: c.pre.clone(),
        build: BuildMetadata::EMPTY,
    };
    // The first version that no longer has the given numbers.
    let next = match (c.minor, c.patch) {
        (Some(minor), Some(patch)) => below(c.major, minor, patch.saturating_add(1)),
        (Some(minor), None) => below(c.major, minor.saturating_add(1), 0),
        _ => below(c.major.saturating_add(1), 0, 0),
    };
    match c.op {
        Op::Exact if c.patch.is_some() => Ranges::singleton(low),
        Op::Exact | Op::Wildcard => Ranges::between(low, next),
        Op::Greater if c.patch.is_some() => Ranges::strictly_higher_than(low),
        Op::Greater => Ranges::higher_than(next),
        Op::GreaterEq => Ranges::higher_than(low),
        Op::Less if c.pre.is_empty() => {
            Ranges::strictly_lower_than(below(low.major, low.minor, low.patch))
        }
        Op::Less => Ranges::strictly_lower_than(low),
        Op::LessEq if c.patch.is_some() => Ranges::lower_than(low),
        Op::LessEq => Ranges::strictly_lower_than(next),
        Op::Tilde => {
            let next = match c.minor {
                Some(minor) => below(c.major, minor.saturating_add(1), 0),
                None => below(c.major.saturating_add(1), 0, 0),
            };
            Ranges::between(low, next)
        }
        Op::Caret => Ranges::between(low, caret_end(c)),
        // `Op` may grow; what is not understood allows nothing.
        _ => Ranges::empty(),
    }
}

/// `^1.2.3` is below 2, `^0.2.3` below 0.3, `^0.0.3` below 0.0.4.
fn caret_end(c: &Comparator) -> Version {
    match (c.major, c.minor, c.patch) {
        (0, Some(0), Some(patch)) => below(0, 0, patch.saturating_add(1)),
        (0, Some(minor), _) => below(0, minor.saturating_add(1), 0),
        (major, ..) => below(major.saturating_add(1), 0, 0),
    }
}

/// A bound that leaves out the pre-releases of the version itself: `<2` does not mean `2.0.0-rc.1`.
fn below(major: u64, minor: u64, patch: u64) -> Version {
    let pre = Prerelease::new("0").unwrap_or(Prerelease::EMPTY);
    Version { major, minor, patch, pre, build: BuildMetadata::EMPTY }
}

#[test]
fn ranges_hold_what_requirements_match() {
    let versions = [
        "0.0.3", "0.0.4", "0.2.3", "0.2.9", "0.3.0", "1.0.0", "1.2.2", "1.2.3", "1.2.4", "1.3.0",
        "1.9.9", "2.0.0", "2.0.1", "3.0.0",
    ];
    let requirements = [
        "*",
        "^1.2.3",
        "^1",
        "^0.2.3",
        "^0.0.3",
        "^0.0",
        "^0",
        "~1.2.3",
        "~1.2",
        "~1",
        "=1.2.3",
        "=1.2",
        "=1",
        "1.*",
        "1.2.*",
        ">1.2.3",
        ">1.2",
        ">1",
        ">=1.2",
        "<1.2.3",
        "<2",
        "<=1.2.3",
        "<=1.2",
        "<=1",
        ">=1.2, <2",
        "1.2.3",
    ];
    for requirement in requirements {
        let requires = VersionReq::parse(requirement).expect("it is one");
        let range = of(&requires);
        for version in versions {
            let version = Version::parse(version).expect("it is one");
            let is_in = range.contains(&version);
            assert_eq!(is_in, requires.matches(&version), "{requirement} and {version}");
        }
    }
    let before_two = of(&VersionReq::parse("^1").expect("it is one"));
    assert!(!before_two.contains(&Version::parse("2.0.0-rc.1").expect("it is one")));
}
