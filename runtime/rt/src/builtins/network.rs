//! The network, through the capability `Network`: the world's, or one that a program attenuated to
//! some hosts or to listening. What an attenuated one forbids is refused here. Connections go out
//! (`exchange`) or requests of HTTP come in (`http/next`); `std.http` makes a server of the latter.

use super::effect::{MOST_SECONDS, attenuated, strings};
use super::entry;
use crate::builtin::{Builtin, Ctx, Fault, arg};
use crate::effects::{Request, Response};
use crate::order::Key;
use crate::value::{Attenuated, OrderedMap, Value};
use std::collections::BTreeMap;

type Answer = Result<Value, Fault>;

pub(super) const TABLE: &[Builtin] = &[
    entry("network/only", 2, |_, a| {
        let asked = strings(&a[1]);
        Ok(Value::attenuated(Attenuated::Network(match attenuated(&a[0]) {
            Some(Attenuated::Network(own)) => both(own, asked),
            Some(_) => Vec::new(),
            None => asked.collect(),
        })))
    }),
    entry("network/listen-only", 2, |_, a| {
        let asked = strings(&a[1]);
        Ok(Value::attenuated(Attenuated::Listening(match attenuated(&a[0]) {
            Some(Attenuated::Listening(own)) => both(own, asked),
            Some(_) => Vec::new(),
            None => asked.collect(),
        })))
    }),
    entry("network/exchange", 4, exchange),
    entry("http/next", 3, next),
];

/// Those of `asked` that `own` includes.
fn both(own: &[String], asked: impl Iterator<Item = String>) -> Vec<String> {
    asked.filter(|address| own.iter().any(|own| allows(own, address))).collect()
}

/// Whether `own`, perhaps with any port, includes `address`.
fn allows(own: &str, address: &str) -> bool {
    own == address
        || own
            .strip_suffix(":*")
            .is_some_and(|host| address.rsplit_once(':').is_some_and(|(other, _)| other == host))
}

fn exchange(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Answer {
    let (address, text) = (arg!(a, 1, as_str), arg!(a, 2, as_str));
    let (timeout, _) = arg!(a, 3, as_quantity);
    let may = match attenuated(&a[0]) {
        Some(Attenuated::Network(own)) => own.iter().any(|own| allows(own, address)),
        Some(_) => false,
        None => true,
    };
    let answer = if !may {
        Err(format!("{address}: this network does not lead there"))
    } else if timeout.is_nan() || timeout <= 0.0 {
        Err(format!("{address}: no time to wait for an answer"))
    } else {
        ctx.effects.exchange(address, text, timeout.min(MOST_SECONDS))
    };
    Ok(ctx.ctors.result(answer.map(Value::str).map_err(Value::str)))
}

fn next(ctx: &mut Ctx<'_>, a: &mut [Value]) -> Answer {
    let address = arg!(a, 1, as_str);
    let may = match attenuated(&a[0]) {
        Some(Attenuated::Listening(own)) => own.iter().any(|own| allows(own, address)),
        Some(_) => false,
        None => true,
    };
    let answer = a[2].fields().first().map(response);
    let asked = if may {
        ctx.effects.serve(address, answer, ctx.deadline)
    } else {
        Err(format!("{address}: this network does not listen there"))
    };
    let asked = asked.map(|asked| ctx.ctors.option(asked.map(|asked| request(ctx, asked))));
    Ok(ctx.ctors.result(asked.map_err(Value::str)))
}

/// The fields of a `Response` of `std.http`, in the order of its declaration.
fn response(record: &Value) -> Response {
    let [status, headers, body] = record.fields() else {
        eclexia_base::bug!("a response is {record:?}")
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = headers.as_map().into_iter().flatten();
    Response {
        status: status.as_int().unwrap_or_default(),
        headers: headers.map(|(name, value)| (text(&name.0), text(value))).collect(),
        body: text(body),
    }
}

/// The parts of a request, as `std.http` takes them apart: built-ins make no records.
fn request(ctx: &Ctx<'_>, request: Request) -> Value {
    let Request { method, path, query, headers, body } = request;
    let map = |entries: BTreeMap<String, String>| {
        let entries = entries.into_iter().map(|(k, v)| (Key(Value::str(k)), Value::str(v)));
        Value::from_map(entries.collect::<OrderedMap>())
    };
    let pair = |a, b| ctx.ctors.pair(a, b);
    let line = pair(pair(Value::str(method), Value::str(path)), map(query));
    pair(line, pair(map(headers), Value::str(body)))
}

#[cfg(test)]
mod tests {
    use super::allows;

    #[test]
    fn a_host_with_any_port_includes_its_ports_and_no_other_host() {
        assert!(allows("a.example:80", "a.example:80"));
        assert!(allows("a.example:*", "a.example:443"));
        assert!(!allows("a.example:80", "a.example:443"));
        assert!(!allows("a.example:*", "b.a.example:443"));
        assert!(!allows("a.example:80", "a.example:*"));
    }
}
