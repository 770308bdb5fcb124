//! Closed lists whose values have stored names.

/// A closed list with stored names.
macro_rules! stored_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of the interface.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the stored name.
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// A stored name that this program does not know.
#[derive(Debug, Clone, thiserror::Error)]
#[error("unknown stored name {0:?}")]
pub struct UnknownName(pub String);

/// Lets rows be read straight into closed lists, for `#[sqlx(try_from = "String")]`.
macro_rules! read_stored {
    ($($name:ident),+ $(,)?) => {$(
        impl TryFrom<String> for $name {
            type Error = crate::kernel::names::UnknownName;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::from_text(&text).ok_or(crate::kernel::names::UnknownName(text))
            }
        }
    )+};
}

pub(crate) use {read_stored, stored_enum};
