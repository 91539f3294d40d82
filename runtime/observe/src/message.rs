//! An event as it is sent: CloudEvents 1.0 in structured JSON, one or a batch.
//!
//! An id is the event's place in the registry and a part of the digest of what it says. So it is
//! the same whenever it is sent, and a registry that was put back from a backup and went on
//! otherwise does not use it again.

use crate::wanted::word;
use eclexia_deploy::registry::{At, Event};
use serde_json::json;

/// The longest sentence of an event that is sent, bytes: the rest is left out.
const MOST_DETAIL: usize = 16 << 10;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    pub seq: u64,
    pub id: String,
    pub deployment: String,
    pub word: String,
    /// One object.
    pub json: String,
}

impl Message {
    /// `source` is a reference that says which machine tells it.
    pub fn of(event: &Event, source: &str) -> Message {
        let (id, word) = (id(event), word(event));
        let of = match event.resource.as_deref() {
            Some(resource) if resource.starts_with("service ") => "service",
            _ => "deployment",
        };
        let mut data = event.clone();
        if data.detail.len() > MOST_DETAIL {
            data.detail.truncate(data.detail.floor_char_boundary(MOST_DETAIL));
            data.detail.push('…');
        }
        let json = json!({"specversion": "1.0", "id": id, "source": source,
            "type": format!("eclexia.{of}.{word}"), "subject": event.deployment,
            "time": time(event.at), "datacontenttype": "application/json", "data": data});
        let (deployment, word) = (event.deployment.clone(), word.to_owned());
        Message { seq: event.seq, id, deployment, word, json: json.to_string() }
    }
}

/// As receivers see it.
pub fn id(event: &Event) -> String {
    let bytes = serde_json::to_vec(event).unwrap_or_default();
    format!("{}-{}", event.seq, &blake3::hash(&bytes).to_hex()[..16])
}

fn time(at: At) -> String {
    let at = i64::try_from(at.0).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// What is sent at once: the id of the whole, its media type, and its bytes.
pub struct Body {
    pub id: String,
    pub media_type: &'static str,
    pub text: String,
}

/// One message is an object; several are an array.
pub fn body(messages: &[Message]) -> Body {
    match messages {
        [one] => Body {
            id: one.id.clone(),
            media_type: "application/cloudevents+json; charset=UTF-8",
            text: one.json.clone(),
        },
        many => {
            let all: Vec<&str> = many.iter().map(|message| message.json.as_str()).collect();
            let ids: String = many.iter().map(|message| message.id.as_str()).collect();
            let first = many.first().map_or(0, |message| message.seq);
            let digest = blake3::hash(ids.as_bytes()).to_hex();
            Body {
                id: format!("{first}+{}-{}", many.len().saturating_sub(1), &digest[..16]),
                media_type: "application/cloudevents-batch+json; charset=UTF-8",
                text: format!("[{}]", all.join(",")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn event(seq: u64, detail: &str) -> Event {
        Event { seq, ..Event::new("shop", "ready", At(1_700_000_000_123), detail.to_owned()) }
    }

    #[test]
    fn an_event_is_a_cloud_event() {
        let event = Event { resource: Some("service web".to_owned()), ..event(7, "it is ready") };
        let message = Message::of(&event, "/eclexia/here");
        let value: Value = serde_json::from_str(&message.json).unwrap();
        assert_eq!(value["specversion"], "1.0");
        assert_eq!(value["id"], message.id.as_str());
        assert_eq!(value["type"], "eclexia.service.ready");
        assert_eq!(value["source"], "/eclexia/here");
        assert_eq!(value["subject"], "shop");
        assert_eq!(value["time"], "2023-11-14T22:13:20.123Z");
        assert_eq!(value["data"], serde_json::to_value(&event).unwrap());
    }

    #[test]
    fn ids_are_of_what_is_said() {
        assert_eq!(id(&event(7, "a")), id(&event(7, "a")));
        assert_ne!(id(&event(7, "a")), id(&event(7, "b")));
        assert!(id(&event(7, "a")).starts_with("7-"));
    }

    #[test]
    fn several_are_one_array_with_an_id_of_its_own() {
        let of = |seq| Message::of(&event(seq, "x"), "/e");
        let (one, two) = (body(&[of(1)]), body(&[of(1), of(2)]));
        assert!(one.media_type.starts_with("application/cloudevents+json"));
        assert!(two.media_type.starts_with("application/cloudevents-batch+json"));
        let all: Vec<Value> = serde_json::from_str(&two.text).unwrap();
        assert_eq!(all.len(), 2);
        assert_ne!(two.id, body(&[of(1), of(3)]).id);
        assert!(two.id.starts_with("1+1-"), "{}", two.id);
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        let message = Message::of(&event(1, &"ü".repeat(MOST_DETAIL)), "/e");
        assert!(message.json.len() < MOST_DETAIL + 1000);
        assert!(serde_json::from_str::<Value>(&message.json).is_ok());
    }
}
