//! Identifiers in normal form: what two spellings of the same address or number have in common.
use phonenumber::{Mode, Type, country};

/// What an identifier is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentifierKind {
    Email,
    Phone,
    FiscalCode,
    /// A name another system gave: a user id, a handle, a withheld caller's call id.
    External,
}

impl IdentifierKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::FiscalCode => "fiscal_code",
            Self::External => "external",
        }
    }

    /// Reads the stored name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Email, Self::Phone, Self::FiscalCode, Self::External].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// An identifier: its kind, its normal form and the text it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    pub kind: IdentifierKind,
    /// E.164 for phones, lower case for e-mail, upper case for fiscal codes.
    pub value: String,
    pub raw: String,
}

/// What an identifier is unique by: its kind's stored name and its normal form.
pub type IdentifierKey = (String, String);

/// The text is no identifier of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentifier {
    #[error("not an e-mail address")]
    Email,
    #[error("not a phone number")]
    Phone,
    #[error("not a fiscal code")]
    FiscalCode,
}

impl Identifier {
    /// What it is unique by.
    pub fn key(&self) -> IdentifierKey {
        (self.kind.as_str().to_owned(), self.value.clone())
    }

    /// An e-mail address, compared without case.
    ///
    /// # Errors
    /// When the text has not the shape of an address.
    pub fn email(raw: &str) -> Result<Self, InvalidIdentifier> {
        let value = raw.trim().to_lowercase();
        let (local, domain) = value.rsplit_once('@').ok_or(InvalidIdentifier::Email)?;
        let clean = |part: &str| {
            !part.is_empty()
                && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c))
        };
        if !clean(local) || !clean(domain) || domain.starts_with('.') || domain.ends_with('.') || value.len() > 254 {
            return Err(InvalidIdentifier::Email);
        }
        Ok(Self { kind: IdentifierKind::Email, value, raw: raw.trim().to_owned() })
    }

    /// A phone number, Italian unless it says otherwise; landlines keep their leading zero after +39.
    ///
    /// # Errors
    /// When no number can be read in the text.
    pub fn phone(raw: &str) -> Result<Self, InvalidIdentifier> {
        let trimmed = raw.trim();
        if trimmed.len() > 40 || !trimmed.chars().any(|c| c.is_ascii_digit()) {
            return Err(InvalidIdentifier::Phone);
        }
        let number = phonenumber::parse(Some(country::IT), trimmed).map_err(|_| InvalidIdentifier::Phone)?;
        let value = number.format().mode(Mode::E164).to_string();
        if value.len() < 6 || value.len() > 17 {
            return Err(InvalidIdentifier::Phone);
        }
        Ok(Self { kind: IdentifierKind::Phone, value, raw: trimmed.to_owned() })
    }

    /// Whether it is a number that takes text messages.
    pub fn takes_texts(&self) -> bool {
        let number = phonenumber::parse(None, &self.value).ok().filter(|_| self.kind == IdentifierKind::Phone);
        let kind = number.map(|n| n.number_type(&phonenumber::metadata::DATABASE));
        matches!(kind, Some(Type::Mobile | Type::FixedLineOrMobile))
    }

    /// An Italian fiscal code of a person (16 characters; digits may be letters after a clash of codes).
    ///
    /// # Errors
    /// When the text has not that shape.
    pub fn fiscal_code(raw: &str) -> Result<Self, InvalidIdentifier> {
        let value: String = raw.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        let shape = b"AAAAAANNANNANNNA";
        let fits = value.len() == 16
            && value.bytes().zip(shape).all(|(c, s)| match s {
                b'A' => c.is_ascii_uppercase(),
                _ => c.is_ascii_digit() || b"LMNPQRSTUV".contains(&c),
            });
        if !fits {
            return Err(InvalidIdentifier::FiscalCode);
        }
        Ok(Self { kind: IdentifierKind::FiscalCode, value, raw: raw.trim().to_owned() })
    }

    /// A name given by another system; compared as it is.
    pub fn external(raw: &str) -> Self {
        Self { kind: IdentifierKind::External, value: raw.trim().to_owned(), raw: raw.trim().to_owned() }
    }

    /// What a sender's address most likely is: e-mail, phone, or a foreign name.
    pub fn guess(raw: &str) -> Self {
        Self::email(raw).or_else(|_| Self::phone(raw)).unwrap_or_else(|_| Self::external(raw))
    }
}

/// The normal forms under which a text typed into a search box may be stored.
pub fn lookup_forms(text: &str) -> Vec<String> {
    [Identifier::email(text), Identifier::phone(text), Identifier::fiscal_code(text)]
        .into_iter()
        .flatten()
        .map(|i| i.value)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_has_one_normal_form_however_it_is_written() {
        for raw in ["333 1234567", "+39 333 1234567", "0039-333-123.45.67", "(333) 1234567"] {
            assert_eq!(Identifier::phone(raw).unwrap().value, "+393331234567", "{raw}");
        }
        assert_eq!(Identifier::phone("0862 123456").unwrap().value, "+390862123456", "landlines keep their zero");
    }

    #[test]
    fn text_messages_go_to_mobile_telephones() {
        let takes = |raw: &str| Identifier::phone(raw).unwrap().takes_texts();
        assert!(takes("333 1234567") && takes("+39 347 7654321") && takes("+44 7911 123456"));
        assert!(!takes("0862 123456") && !takes("800 123456") && !takes("06 6982"));
        assert!(!Identifier::email("a@b.it").unwrap().takes_texts());
    }

    #[test]
    fn an_address_is_compared_without_case() {
        assert_eq!(Identifier::email(" Mario.Rossi@Example.IT ").unwrap().value, "mario.rossi@example.it");
        assert!(Identifier::email("no at sign").is_err());
        assert!(Identifier::email("a b@c.it").is_err());
    }

    #[test]
    fn a_fiscal_code_with_replaced_digits_is_read() {
        assert!(Identifier::fiscal_code("rssmra80a01h501u").is_ok());
        assert!(Identifier::fiscal_code("RSSMRA80A01H50LU").is_ok());
        assert!(Identifier::fiscal_code("RSSMRA80A01").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_an_identifier_of_some_kind(text: String) {
            let guessed = Identifier::guess(&text);
            prop_assert!(guessed.kind == IdentifierKind::External || !guessed.value.is_empty());
        }
    }
}
