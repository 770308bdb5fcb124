//! What is exchanged, without its spelling. Fields that are missing, null or of another type are empty texts: systems
//! in the field leave out what the specification calls required.
use super::xml::Element;
use super::{Unreadable, json, read};
use serde_json::Value;

/// A kind of request that an endpoint takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// Names it in requests.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Services that belong together.
    pub group: String,
}

/// A request as its endpoint tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Its number there.
    pub id: String,
    /// `open` or `closed`, or what an extension says.
    pub status: String,
    /// Why, in words.
    pub status_notes: String,
    /// What it says.
    pub description: String,
    /// Who deals with it.
    pub agency: String,
    /// When it last changed, as it was written.
    pub updated: String,
}

/// What became of a POST of a request: its number, or a token that stands for it until there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Its number; empty when there is none yet.
    pub id: String,
    /// A token; empty when there is a number.
    pub token: String,
    /// What the endpoint says to whoever asked.
    pub notice: String,
}

/// Something that happened to a request (mySociety's extension).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// Names the update among those of its endpoint.
    pub id: String,
    /// The request it is about.
    pub request: String,
    /// As [`Request::status`], in the extension's words.
    pub status: String,
    /// The endpoint's own name of the status.
    pub external_status: String,
    /// What it says.
    pub description: String,
    /// When, as it was written.
    pub updated: String,
}

/// What a status means for who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Work goes on.
    Going,
    /// It is over: there is an answer.
    Over,
    /// The body says that it is another's.
    NotTheirs,
    /// Nobody knows what it means: it is shown and moves nothing.
    Unknown,
}

impl Standing {
    /// The meaning of a status, however it is spelt.
    #[must_use]
    pub fn of(status: &str) -> Self {
        let plain: String = status.trim().chars().map(|c| if c == ' ' || c == '-' { '_' } else { c }).collect();
        match plain.to_ascii_lowercase().as_str() {
            "open" | "in_progress" | "action_scheduled" | "investigating" | "internal_referral" | "for_triage"
            | "reopen" | "planned" | "confirmed" => Self::Going,
            "closed" | "fixed" | "duplicate" | "no_further_action" | "cancelled" | "canceled" => Self::Over,
            "not_councils_responsibility" => Self::NotTheirs,
            _ => Self::Unknown,
        }
    }
}

impl Service {
    /// Reads a list of services.
    ///
    /// # Errors
    /// When it is neither JSON nor XML.
    pub fn list(body: &[u8]) -> Result<Vec<Self>, Unreadable> {
        read(body, |v| Self::of(|name| json::text(v, name)), "service", |e| Self::of(|name| e.text(name)))
    }

    fn of(field: impl Fn(&str) -> String) -> Self {
        Self {
            code: field("service_code"),
            name: field("service_name"),
            description: field("description"),
            group: field("group"),
        }
    }
}

impl Request {
    /// Reads a list of requests.
    ///
    /// # Errors
    /// When it is neither JSON nor XML.
    pub fn list(body: &[u8]) -> Result<Vec<Self>, Unreadable> {
        read(body, |v| Self::of(|name| json::text(v, name)), "request", |e| Self::of(|name| e.text(name)))
    }

    fn of(field: impl Fn(&str) -> String) -> Self {
        Self {
            id: field("service_request_id"),
            status: field("status"),
            status_notes: field("status_notes"),
            description: field("description"),
            agency: field("agency_responsible"),
            updated: field("updated_datetime"),
        }
    }
}

impl Accepted {
    /// Reads the answer to a POST of a request or of an update, or to a token.
    ///
    /// # Errors
    /// When it is neither JSON nor XML, or names nothing.
    pub fn first(body: &[u8]) -> Result<Self, Unreadable> {
        let of_json = |v: &Value| Self::of(|name| json::text(v, name));
        let of_xml = |e: &Element| Self::of(|name| e.text(name));
        let mut found = read(body, of_json, "request", of_xml)?;
        if found.is_empty() {
            found = read(body, of_json, "request_update", of_xml)?;
        }
        let named = |a: &Self| !a.id.is_empty() || !a.token.is_empty();
        found.into_iter().find(named).ok_or_else(|| Unreadable("it names no request".to_owned()))
    }

    fn of(field: impl Fn(&str) -> String) -> Self {
        let id = field("service_request_id");
        let id = if id.is_empty() { field("update_id") } else { id };
        Self { token: if id.is_empty() { field("token") } else { String::new() }, id, notice: field("service_notice") }
    }
}

impl Update {
    /// Reads a list of updates; those that name no request are left out.
    ///
    /// # Errors
    /// When it is neither JSON nor XML.
    pub fn list(body: &[u8]) -> Result<Vec<Self>, Unreadable> {
        let of_json = |v: &Value| Self::of(|name| json::text(v, name));
        let mut found = read(body, of_json, "request_update", |e| Self::of(|name| e.text(name)))?;
        found.retain(|update| !update.request.is_empty());
        Ok(found)
    }

    fn of(field: impl Fn(&str) -> String) -> Self {
        Self {
            id: field("update_id"),
            request: field("service_request_id"),
            status: field("status"),
            external_status: field("external_status_code"),
            description: field("description"),
            updated: field("updated_datetime"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_list_is_read_in_both_formats() {
        let json = br#"[{"service_request_id": 638344, "status": "closed", "status_notes": null,
            "description": "Buca & \"fango\"", "updated_datetime": "2010-04-14T06:37:38-08:00"}]"#;
        let xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><service_requests><request>\
            <service_request_id>638344</service_request_id><status>closed</status><status_notes/>\
            <description>Buca &amp; &#34;fango&#x22;</description>\
            <updated_datetime>2010-04-14T06:37:38-08:00</updated_datetime></request></service_requests>";
        let found = Request::list(json).unwrap();
        assert_eq!(found, Request::list(xml.as_bytes()).unwrap());
        assert_eq!((found[0].id.as_str(), found[0].description.as_str()), ("638344", "Buca & \"fango\""));
    }

    #[test]
    fn a_post_is_answered_with_a_number_or_a_token() {
        let number = Accepted::first(br#"[{"service_request_id":"293944","service_notice":"grazie"}]"#).unwrap();
        assert_eq!((number.id.as_str(), number.token.as_str()), ("293944", ""));
        let token = Accepted::first(b"<service_requests><request><token>abc</token></request></service_requests>");
        assert_eq!(token.unwrap().token, "abc");
        assert!(Accepted::first(b"[{}]").is_err() && Accepted::first(b"<html><body>no</body></html>").is_err());
    }

    #[test]
    fn external_entities_are_never_read() {
        let xml = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\
            <service_requests><request><service_request_id>&e;</service_request_id></request></service_requests>";
        assert!(Request::list(xml.as_bytes()).is_err());
        let unknown = "<service_requests><request><status>&e;</status></request></service_requests>";
        assert!(Request::list(unknown.as_bytes()).is_err());
    }

    #[test]
    fn a_status_means_the_same_however_it_is_spelt_and_an_unknown_one_moves_nothing() {
        for going in ["OPEN", "in progress", "Action-Scheduled", "FOR_TRIAGE"] {
            assert_eq!(Standing::of(going), Standing::Going, "{going}");
        }
        for over in ["closed", "FIXED", "Duplicate", "no_further_action"] {
            assert_eq!(Standing::of(over), Standing::Over, "{over}");
        }
        assert_eq!(Standing::of("NOT_COUNCILS_RESPONSIBILITY"), Standing::NotTheirs);
        assert_eq!(Standing::of("sospeso per ferie"), Standing::Unknown);
    }

    proptest! {
        #[test]
        fn no_bytes_stop_a_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            drop((Request::list(&bytes), Update::list(&bytes), Service::list(&bytes), Accepted::first(&bytes)));
        }

        #[test]
        fn no_text_that_looks_like_one_stops_a_reader(text in "[<>/a-z&;!\\[\\]{}\": ?x0-9]{0,200}") {
            drop((Request::list(text.as_bytes()), Accepted::first(text.as_bytes())));
        }

        #[test]
        fn what_is_written_is_read_in_both_formats(id in "[A-Za-z0-9-]{1,12}", words in "[^\\p{C}]{0,60}", state in "[A-Z_]{1,20}") {
            let fields = [("update_id", id.clone()), ("service_request_id", id.clone()), ("status", state.clone()),
                ("description", words.clone())];
            let xml = super::super::xml::write("service_request_updates", "request_update", &[fields.to_vec()]);
            let json = serde_json::to_vec(&[fields.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()]).unwrap();
            let (of_xml, of_json) = (Update::list(xml.as_bytes()).unwrap(), Update::list(&json).unwrap());
            prop_assert_eq!(&of_xml[0].description, words.trim());
            prop_assert_eq!(of_xml, of_json);
        }
    }
}
