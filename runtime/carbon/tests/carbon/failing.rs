//! Servers that do not answer as they should.

use crate::server::{Act, Client, GERMANY, Server, json, nobody, patience, status};
use eclexia_carbon::{Answer, Http, Patience, State};
use eclexia_settings::SourceKind;

const NOON: &str = "01T12:00:00";

/// The answer of a client whose first server does this, and whose second is not there.
fn asked(act: Act) -> (Answer, usize) {
    // Who never answers need not be waited for long. Who does may take its time, on a busy machine.
    let patience = match act {
        Act::Hang | Act::Drip => patience(),
        _ => Patience::default(),
    };
    let server = Server::new(move |_, _| act.clone());
    let client = Client::with(&server.address, &nobody(), Http::new(patience));
    (client.ask("DE", NOON), server.seen().len())
}

#[test]
fn whatever_a_server_does_the_yearly_average_stands_and_the_reason_is_told() {
    let large = Act::Reply(200, Vec::new(), vec![b' '; 10 << 20]);
    let redirect = vec![("location", "http://127.0.0.1:1/".to_owned())];
    let far = GERMANY.replace("2026", "2031");
    let other = GERMANY.replace("DE", "FR");
    let negative = GERMANY.replace("302", "-302");
    let short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"zone\":".to_vec();
    let headers = format!("HTTP/1.1 200 OK\r\n{}", "x: y\r\n".repeat(500_000)).into_bytes();
    let endless = [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        b"400\r\n".to_vec(),
        vec![b'x'; 0x400],
        b"\r\n".to_vec(),
    ];
    let endless = [endless[0].clone(), endless[1..].concat().repeat(1000)].concat();
    // What it does, what is said of it, how often it is asked.
    let cases: Vec<(&str, Act, &str, usize)> = vec![
        ("hangs", Act::Hang, "does not answer within", 3),
        ("drips", Act::Drip, "does not answer within", 3),
        ("fails", status(500), "answers 500", 3),
        ("is busy", status(503), "answers 503", 3),
        ("closes", Act::Raw(Vec::new()), "cannot be reached", 3),
        ("breaks off", Act::Raw(short), "cannot be reached", 3),
        ("refuses the key", status(401), "does not accept the key", 1),
        ("does not let see", status(403), "does not let this key see that", 1),
        ("knows no zone", status(404), "knows no such region", 1),
        ("redirects", Act::Reply(302, redirect, Vec::new()), "sends us elsewhere", 1),
        ("sends garbage", Act::Raw(vec![0x16, 3, 1, 0xff, 0, 7]), "is no HTTP", 1),
        ("sends a large body", large, "is larger than 64 KiB", 1),
        ("sends chunks without end", Act::Raw(endless), "is larger than 64 KiB", 1),
        ("sends headers without end", Act::Raw(headers), "is no HTTP", 1),
        ("sends no JSON", json("<html>"), "is not the JSON that it documents", 1),
        ("sends other JSON", json("{\"error\":\"x\"}"), "is not the JSON that it documents", 1),
        ("sends nothing", json(""), "is not the JSON that it documents", 1),
        ("is of the future", json(&far), "still to come", 1),
        ("is about another", json(&other), "another zone", 1),
        ("is below nothing", json(&negative), "cannot be", 1),
        ("has changed nothing", status(304), "answers 304 to nothing", 1),
        ("creates", status(201), "answers 201", 1),
    ];
    std::thread::scope(|scope| {
        for (name, act, why, times) in cases {
            scope.spawn(move || {
                let (answer, seen) = asked(act);
                assert_eq!(answer.state, State::Yearly, "{name}: {answer:?}");
                assert_eq!(answer.intensity.grams_per_kwh, 342.06, "{name}");
                let sources = [SourceKind::ElectricityMaps, SourceKind::WattTime];
                let tried: Vec<SourceKind> = answer.tried.iter().map(|t| t.source).collect();
                assert_eq!(tried, sources, "{name}");
                assert!(answer.tried[0].why.contains(why), "{name}: {}", answer.tried[0].why);
                assert!(seen <= times && seen >= times.min(2), "{name}: asked {seen} times");
            });
        }
    });
}

#[test]
fn what_passes_is_tried_again() {
    let server = Server::new(|_, n| if n < 2 { status(502) } else { json(GERMANY) });
    let client = Client::new(&server.address, &nobody());
    let answer = client.ask("DE", NOON);
    assert_eq!((answer.state, answer.intensity.grams_per_kwh), (State::Fresh, 302.0));
    assert_eq!((answer.tried.len(), server.seen().len()), (0, 3));
}

#[test]
fn a_server_that_says_later_is_not_asked_before() {
    let later = || Act::Reply(429, vec![("retry-after", "100".to_owned())], Vec::new());
    let server = Server::new(move |_, _| later());
    let client = Client::new(&server.address, &nobody());
    let answer = client.ask("DE", NOON);
    assert!(answer.tried[0].why.contains("asked too often"), "{answer:?}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_place_without_a_zone_is_asked_of_the_other() {
    let server = Server::new(|_, _| json(GERMANY));
    let client = Client::new(&server.address, &nobody());
    let answer = client.ask("CAISO_NORTH", NOON);
    assert_eq!(answer.tried[0].why, "has no such zone");
    assert_eq!(server.seen().len(), 0);
    let intensity = answer.intensity;
    assert_eq!((intensity.region.as_str(), intensity.is_estimate), ("World", true));
}
