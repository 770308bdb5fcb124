//! References to secrets: what is stored names a secret, and the secret itself lies in the environment or in a file
//! that the operator put into the folder `secrets`.
use super::config::{Config, Secret};

/// Prefix of the environment variables that may be referred to: a setting must not be able to send any other secret of
/// the process to a server of its choice.
const PREFIX: &str = "SPORTELLO_SECRET_";

/// Whether a text refers to a secret (`env:SPORTELLO_SECRET_X`, `file:name`), rather than being one.
pub fn is_reference(text: &str) -> bool {
    let word = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    match text.split_once(':') {
        Some(("env", name)) => name.starts_with(PREFIX) && word(name),
        Some(("file", name)) => word(name) && !name.starts_with('.'),
        _ => false,
    }
}

/// The secret behind a reference.
///
/// # Errors
/// A sentence for the administrator when there is none.
pub fn fetch(config: &Config, reference: &str) -> Result<Secret, String> {
    match reference.split_once(':') {
        _ if !is_reference(reference) => Err("this is no reference to a secret".to_owned()),
        Some(("env", name)) => std::env::var(name)
            .map(Secret::new)
            .map_err(|_| format!("the environment variable {name} is not set for Sportello")),
        Some((_, name)) => {
            let path = config.path("secrets").join(name);
            std::fs::read_to_string(&path)
                .map(|text| Secret::new(text.trim_end()))
                .map_err(|e| format!("{} cannot be read: {e}", path.display()))
        }
        None => Err("this is no reference to a secret".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_reference_and_to_nothing_else_of_the_machine() {
        for good in ["env:SPORTELLO_SECRET_SMS", "file:sms-gateway"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["hunter2", "env:DATABASE_URL", "file:/etc/shadow", "file:../secret.key", "file:.x", "env:", ""] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
