//! Plans as files: canonical JSON, the id over it, and reading back with every check. What comes in
//! may be any bytes; what goes out is a plan whose id is that of its content, or the reason why
//! not. No file is touched here.

use crate::{PLAN_FORMAT, Plan};
use serde::Serialize;

/// Larger files are no plans: a service is a few hundred bytes.
const MOST_BYTES: usize = 32 << 20;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlanError {
    TooLarge {
        bytes: usize,
        most: usize,
    },
    /// No JSON, or not of a plan's shape (nested too deep among it); the reader's words.
    Malformed(String),
    /// Another format or version.
    Format {
        found: String,
    },
    /// The content is not what the id says.
    Altered {
        recorded: String,
        actual: String,
    },
}

/// BLAKE3, in hex, of the JSON of plain data: fields in order of declaration, maps by key.
pub fn digest(value: &impl Serialize) -> String {
    match serde_json::to_vec(value) {
        Ok(bytes) => blake3::hash(&bytes).to_hex().to_string(),
        Err(error) => eclexia_base::bug!("plain data that is no JSON: {error}"),
    }
}

impl Plan {
    /// The id of the content: that of the plan with the id left empty.
    pub fn content_id(&self) -> String {
        digest(&Plan { id: String::new(), ..self.clone() })
    }

    /// As saved: indented, ending in a line break; equal plans are equal bytes.
    pub fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec_pretty(self) {
            Ok(mut bytes) => {
                bytes.push(b'\n');
                bytes
            }
            Err(error) => eclexia_base::bug!("a plan that is no JSON: {error}"),
        }
    }

    /// Reads a saved plan and checks size, format and id. Nesting is bounded by the JSON reader.
    pub fn from_json(bytes: &[u8]) -> Result<Plan, PlanError> {
        if bytes.len() > MOST_BYTES {
            return Err(PlanError::TooLarge { bytes: bytes.len(), most: MOST_BYTES });
        }
        #[derive(serde::Deserialize)]
        struct Header {
            format: String,
        }
        let malformed = |error: serde_json::Error| PlanError::Malformed(error.to_string());
        let header: Header = serde_json::from_slice(bytes).map_err(malformed)?;
        if header.format != PLAN_FORMAT {
            return Err(PlanError::Format { found: header.format });
        }
        let plan: Plan = serde_json::from_slice(bytes).map_err(malformed)?;
        let actual = plan.content_id();
        if actual != plan.id {
            return Err(PlanError::Altered { recorded: plan.id, actual });
        }
        Ok(plan)
    }
}
