//! The description of what can be asked for (OpenAPI 3.1), made of the table of routes.

use crate::routes::{Need, Part, ROUTES, Route};
use serde_json::{Map, Value, json};

/// JSON Schemas of the answers.
const SCHEMAS: &str = include_str!("schemas.json");

pub fn description() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let entry = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        entry[route.method.to_ascii_lowercase()] = operation(route);
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Eclexia",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Deployments of a machine: seen, priced, changed and returned to",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {
                "type": "http",
                "scheme": "bearer",
                "description": "The key of the session, or a token signed for it",
            }},
        },
    })
}

/// `versions of a deployment` as a name that programs are generated with.
fn name(route: &Route) -> String {
    let parts = route.path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
    let parts = parts.filter(|part| *part != "api" && *part != "v1");
    let words: Vec<String> = parts.map(|part| part.replace('.', "_")).collect();
    format!("{}_{}", route.method.to_ascii_lowercase(), words.join("_"))
}

fn parameter(part: &Part, place: &str) -> Value {
    let mut schema = json!({"type": part.kind});
    if part.kind == "integer" {
        schema["minimum"] = 0.into();
    }
    json!({"name": part.name, "in": place, "required": place == "path",
        "description": part.says, "schema": schema})
}

fn operation(route: &Route) -> Value {
    let named = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let named =
        named.map(|name| parameter(&Part { name, kind: "string", says: "Its name" }, "path"));
    let parameters: Vec<Value> =
        named.chain(route.query.iter().map(|part| parameter(part, "query"))).collect();
    let (kind, schema) = route.answer;
    let content = match schema {
        "" => json!({kind: {"schema": {"type": "string"}}}),
        schema => json!({kind: {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}),
    };
    let code = if schema == "Accepted" { "202" } else { "200" };
    let refused = json!({
        "description": "It is not answered, and why",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}},
    });
    let mut operation = json!({
        "operationId": name(route),
        "summary": route.says,
        "parameters": parameters,
        "responses": {code: {"description": route.says, "content": content}, "default": refused},
    });
    if let Some((kind, says)) = route.body {
        operation["requestBody"] = json!({
            "description": says,
            "required": true,
            "content": {kind: {"schema": {"type": "string", "format": "binary"}}},
        });
    }
    match route.need {
        Need::Nothing => {}
        Need::Near => operation["security"] = json!([{}, {"token": []}]),
        Need::To(_) => operation["security"] = json!([{"token": []}]),
    }
    operation
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_answer_has_a_schema_and_every_operation_a_name() {
        let description = description();
        let schemas = &description["components"]["schemas"];
        let mut names = BTreeSet::new();
        for route in ROUTES {
            let schema = route.answer.1;
            assert!(schema.is_empty() || schemas[schema].is_object(), "{schema}");
            assert!(names.insert(name(route)), "{}", name(route));
        }
    }
}
