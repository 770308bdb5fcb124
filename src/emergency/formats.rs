//! A plan as a file: TOML or JSON, both say everything.
use super::EmergencyError;
use super::model::Plan;
use crate::kernel::names::stored_enum;

stored_enum! {
    /// How a plan is written down.
    Format {
        Toml = "toml",
        Json = "json",
    }
}

impl Format {
    /// The type under which browsers and programs get it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Toml => "application/toml",
            Self::Json => "application/json",
        }
    }

    /// Writes a plan down.
    ///
    /// # Errors
    /// Never in practice: the writer is memory.
    pub fn write(self, plan: &Plan) -> Result<String, EmergencyError> {
        let text = match self {
            Self::Toml => toml::to_string_pretty(plan).map_err(|e| e.to_string()),
            Self::Json => serde_json::to_string_pretty(plan).map_err(|e| e.to_string()),
        };
        text.map_err(EmergencyError::Format)
    }

    /// Reads one.
    ///
    /// # Errors
    /// Says where the file is wrong.
    pub fn read(self, text: &str) -> Result<Plan, EmergencyError> {
        let plan = match self {
            Self::Toml => toml::from_str(text).map_err(|e| e.to_string()),
            Self::Json => serde_json::from_str(text).map_err(|e| e.to_string()),
        };
        plan.map_err(EmergencyError::Format)
    }

    /// Reads a file of either kind: only JSON begins with a brace.
    ///
    /// # Errors
    /// As [`Format::read`].
    pub fn read_any(text: &str) -> Result<Plan, EmergencyError> {
        if text.trim_start().starts_with('{') { Self::Json.read(text) } else { Self::Toml.read(text) }
    }
}

/// The plan that the program brings along, to begin with.
pub const EXAMPLE: &str = include_str!("../../demo/emergency.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_plan_and_both_files_say_all_of_it() {
        let plan = Format::read_any(EXAMPLE).unwrap();
        assert_eq!(plan.faults(), []);
        assert!(plan.always_open && !plan.classes.is_empty() && !plan.bodies.is_empty());
        for format in Format::ALL {
            assert_eq!(Format::read_any(&format.write(&plan).unwrap()).unwrap(), plan);
        }
        assert!(Format::read_any("colour = 'red'").is_err(), "what is not known is a mistake");
    }
}
