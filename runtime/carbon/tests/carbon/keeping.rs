//! Answers that are kept.

use crate::server::{Act, Client, GERMANY, KEY, Server, json, nobody, status, time};
use eclexia_carbon::{State, When};

/// Answers with a tag, and with 304 to who has it.
fn tagged() -> Server {
    Server::new(|seen, _| match seen.header("if-none-match") {
        Some("\"seven\"") => status(304),
        _ => {
            let tag = vec![("etag", "\"seven\"".to_owned())];
            Act::Reply(200, tag, GERMANY.as_bytes().to_vec())
        }
    })
}

#[test]
fn an_answer_is_used_for_its_interval_and_then_asked_for_if_it_changed() {
    let server = tagged();
    let client = Client::new(&server.address, &nobody());
    let first = client.ask("DE", "01T12:00:00");
    assert_eq!((first.state, first.intensity.grams_per_kwh), (State::Fresh, 302.0));
    assert_eq!(first.intensity.at, When::Moment(time("01T10:00:00")));
    assert_eq!(first.tried, []);
    let second = client.ask("DE", "01T12:14:59");
    assert_eq!((second.state, second.fetched), (State::Kept, Some(time("01T12:00:00"))));
    assert_eq!(server.seen().len(), 1);
    let third = client.ask("DE", "01T12:15:00");
    assert_eq!((third.state, third.fetched), (State::Fresh, Some(time("01T12:15:00"))));
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].path, "/carbon-intensity/latest?zone=DE");
    assert_eq!(seen[0].header("auth-token"), Some(KEY));
    assert_eq!(seen[1].header("if-none-match"), Some("\"seven\""));
    // What has not changed is good for another interval.
    assert_eq!(client.ask("DE", "01T12:29:00").state, State::Kept);
}

#[test]
fn an_old_answer_stands_for_a_day_and_is_said_to_be_old() {
    let server = Server::new(|_, n| if n == 0 { json(GERMANY) } else { status(500) });
    let client = Client::new(&server.address, &nobody());
    client.ask("DE", "01T12:00:00");
    let old = client.ask("DE", "02T11:59:00");
    assert_eq!((old.state, old.fetched), (State::Stale, Some(time("01T12:00:00"))));
    assert_eq!(old.intensity.grams_per_kwh, 302.0);
    assert_eq!(old.tried[0].why, "gave nothing: it answers 500");
    assert_eq!(client.ask("DE", "02T12:00:01").state, State::Yearly);
}

#[test]
fn what_is_kept_from_the_future_is_not_believed() {
    let server = tagged();
    let client = Client::new(&server.address, &nobody());
    client.ask("DE", "02T12:00:00");
    assert_eq!(client.ask("DE", "01T12:00:00").state, State::Fresh);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn places_are_kept_apart() {
    let server = Server::new(|seen, _| {
        let zone = if seen.path.ends_with("=FR") { "FR" } else { "DE" };
        json(&GERMANY.replace("DE", zone))
    });
    let client = Client::new(&server.address, &nobody());
    for name in ["DE", "FR", "aws/eu-central-1"] {
        assert_eq!(client.ask(name, "01T12:00:00").state, State::Fresh, "{name}");
        assert_eq!(client.ask(name, "01T12:00:01").state, State::Kept, "{name}");
    }
}

#[test]
fn an_answer_that_cannot_be_kept_is_an_answer() {
    let server = tagged();
    let client = Client::new(&server.address, &nobody());
    std::fs::write(client.data.path().join("carbon"), "in the way").expect("written");
    let answer = client.ask("DE", "01T12:00:00");
    assert_eq!(answer.state, State::Fresh);
    assert!(answer.tried[0].why.starts_with("answered, which could not be kept"), "{answer:?}");
}
