//! WattTime's three steps: a token, a region by its position, a number.

use crate::server::{Act, Client, PASSWORD, Seen, Server, json, nobody, status};
use eclexia_carbon::{Signal, State};
use eclexia_settings::SourceKind;
use std::time::Duration;

const NOON: &str = "01T12:00:00";

fn forecast(seen: &Seen) -> Act {
    let region = seen.path.split(['=', '&']).nth(1).unwrap_or_default();
    json(&format!(
        r#"{{"data":[{{"point_time":"2026-12-01T12:00:00+00:00","value":1000.0}}],
        "meta":{{"region":"{region}","signal_type":"co2_moer","units":"lbs_co2_per_mwh"}}}}"#
    ))
}

/// As documented; a token is good for `uses` requests.
fn service(uses: usize) -> Server {
    Server::new(move |seen, n| {
        let token = seen.header("authorization").unwrap_or_default();
        if seen.path == "/login" {
            // ada:hunter2
            return match token == "Basic YWRhOmh1bnRlcjI=" {
                true => json(&format!("{{\"token\":\"t{n}\"}}")),
                false => status(401),
            };
        }
        let made: usize = token.trim_start_matches("Bearer t").parse().unwrap_or(usize::MAX);
        if made > n || n - made > uses {
            return status(401);
        }
        match seen.path.starts_with("/v3/region-from-loc?") {
            true => {
                json(r#"{"region":"PJM_DC","region_full_name":"PJM","signal_type":"co2_moer"}"#)
            }
            false => forecast(seen),
        }
    })
}

fn paths(server: &Server) -> Vec<String> {
    let paths = server.seen().into_iter();
    paths.map(|seen| seen.path.split('?').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_position_leads_to_a_region_and_a_marginal_number() {
    let server = service(10);
    let client = Client::new(&nobody(), &server.address);
    let answer = client.ask("aws/us-east-1", NOON);
    assert_eq!((answer.state, answer.tried.len()), (State::Fresh, 1));
    let intensity = &answer.intensity;
    assert_eq!(intensity.source, SourceKind::WattTime);
    assert_eq!((intensity.region.as_str(), intensity.signal), ("PJM_DC", Signal::Marginal));
    assert!((intensity.grams_per_kwh - 453.592_37).abs() < 1e-9);
    assert_eq!(paths(&server), ["/login", "/v3/region-from-loc", "/v3/forecast"]);
    let seen = server.seen();
    assert!(seen[1].path.contains("latitude=38.95&longitude=-77.45&signal_type=co2_moer"));
    assert!(seen[2].path.contains("region=PJM_DC&signal_type=co2_moer&horizon_hours=0"));
    assert!(seen.iter().all(|seen| !seen.path.contains(PASSWORD)));
}

#[test]
fn a_token_is_used_until_it_is_void() {
    let server = service(10);
    let client = Client::new(&nobody(), &server.address);
    client.ask("CAISO_NORTH", NOON);
    client.ask("CAISO_NORTH", "01T12:06:00");
    assert_eq!(paths(&server), ["/login", "/v3/forecast", "/v3/forecast"]);
    client.ask("CAISO_NORTH", "01T12:30:00");
    assert_eq!(paths(&server)[3..], ["/login", "/v3/forecast"]);
}

#[test]
fn a_token_that_is_refused_is_asked_for_once_more() {
    let server = service(1);
    let client = Client::new(&nobody(), &server.address);
    assert_eq!(client.ask("aws/us-east-1", NOON).state, State::Fresh);
    let twice = ["/login", "/v3/region-from-loc", "/v3/forecast", "/login", "/v3/forecast"];
    assert_eq!(paths(&server), twice);
    let none = service(0);
    let client = Client::new(&nobody(), &none.address);
    let answer = client.ask("aws/us-east-1", NOON);
    assert_eq!(answer.state, State::Yearly);
    assert_eq!(answer.tried[1].why, "gave nothing: it does not accept the key");
    assert!(none.seen().len() <= 4);
}

#[test]
fn steps_that_are_each_in_time_end_together() {
    // Each step is answered at its third try, and all of them would take five seconds.
    let slow = Duration::from_millis(1200);
    let server = Server::new(move |seen, n| {
        let answer = match seen.path.as_str() {
            "/login" => json("{\"token\":\"t\"}"),
            path if path.starts_with("/v3/region") => json("{\"region\":\"PJM_DC\"}"),
            _ => forecast(seen),
        };
        if n % 3 == 2 { answer } else { Act::After(slow, Box::new(status(500))) }
    });
    let client = Client::new(&nobody(), &server.address);
    let answer = client.ask("aws/us-east-1", NOON);
    assert_eq!(answer.state, State::Yearly);
    assert_eq!(answer.tried[1].why, "gave nothing: it does not answer within 4s");
}

#[test]
fn a_region_that_could_be_an_address_is_refused() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/login" => json("{\"token\":\"t\"}"),
        _ => json("{\"region\":\"x&signal_type=y\"}"),
    });
    let client = Client::new(&nobody(), &server.address);
    let answer = client.ask("aws/us-east-1", NOON);
    assert!(answer.tried[1].why.contains("a region that cannot be"), "{answer:?}");
    assert_eq!(server.seen().len(), 2);
}
