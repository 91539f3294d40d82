//! Any bytes are a request or are refused: of the HTTP server (method, path and query, one to a
//! line), and of the supervisor's socket (a line of JSON).
#![no_main]

use eclexia_server::routes::{find, value};
use eclexia_supervisor::control::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = serde_json::from_slice::<Request>(bytes) {
        let written = serde_json::to_vec(&request).expect("plain data is JSON");
        assert!(serde_json::from_slice::<Request>(&written).is_ok());
    }
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (method, path) = (lines.next().unwrap_or("GET"), lines.next().unwrap_or("/"));
    if let Ok(found) = find(method, path) {
        assert!(found.named.iter().all(|name| name.len() <= path.len()));
    }
    let query = lines.next();
    for name in ["since", "after", "deployment", "version"] {
        let _ = value(query, name);
    }
});
