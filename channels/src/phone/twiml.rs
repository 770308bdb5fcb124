//! Answers to Twilio, or a provider with the same interface, in its markup (TwiML). Texts are the caller's: what is
//! said belongs to the catalogues.

use std::io;

use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::{ElementWriter, Writer};

/// What a call shall do next, verb after verb.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response(Vec<Verb>);

/// One thing that a call does. Addresses are those of our own hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Says a text.
    Say(Words),
    /// Plays a sound file.
    Play {
        /// Address of the file.
        url: String,
    },
    /// Says a menu and waits for keys; without any, goes on with the next verb.
    Gather {
        /// What is said meanwhile, perhaps in several languages.
        say: Vec<Words>,
        /// How many keys to wait for.
        digits: u8,
        /// Seconds to wait for a key.
        seconds: u32,
        /// Called with `Digits`.
        action: String,
    },
    /// Waits in a queue.
    Enqueue {
        /// Its name.
        queue: String,
        /// Asked for what the caller hears meanwhile.
        wait_url: String,
        /// Asked when the call leaves the queue.
        action: String,
    },
    /// Rings telephones, all at once.
    Dial {
        /// Numbers (`+39…`), SIP addresses (`sip:…`) or, as `client:…`, telephones in a browser.
        targets: Vec<String>,
        /// For how long.
        seconds: u32,
        /// Called afterwards with `DialCallStatus`.
        action: String,
        /// Told when the recording of the talk is ready; empty: it is not recorded.
        record: String,
        /// Told when a telephone is answered; empty: nobody is.
        answered: String,
    },
    /// Records a message.
    Record {
        /// Called when the caller is done.
        action: String,
        /// Called when the recording is ready to be fetched.
        ready: String,
        /// Longest message, in seconds.
        most_seconds: u32,
    },
    /// Goes on with the answer of another hook.
    Redirect {
        /// Its address.
        url: String,
    },
    /// Refuses the call without answering it: it costs the caller nothing.
    Reject {
        /// As engaged, instead of as out of service.
        busy: bool,
    },
    /// Ends the call.
    Hangup,
}

/// A text and the language in which it is said, as `it-IT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// Its language.
    pub language: String,
}

impl Words {
    /// A text in Italian.
    #[must_use]
    pub fn italian(text: impl Into<String>) -> Self {
        Self { text: text.into(), language: "it-IT".to_owned() }
    }
}

impl Response {
    /// Media type of an answer.
    pub const MEDIA_TYPE: &'static str = "text/xml; charset=utf-8";

    /// An answer of these verbs.
    #[must_use]
    pub fn new(verbs: impl IntoIterator<Item = Verb>) -> Self {
        Self(verbs.into_iter().collect())
    }

    /// A menu that is said up to `times` times, and then `otherwise`.
    #[must_use]
    pub fn menu(say: &[Words], action: &str, times: usize, otherwise: impl IntoIterator<Item = Verb>) -> Self {
        let gather = Verb::Gather { say: say.to_vec(), digits: 1, seconds: 6, action: action.to_owned() };
        Self(std::iter::repeat_n(gather, times).chain(otherwise).collect())
    }

    /// A message that is said before the call is ended: closed offices, a greeting after a recording.
    #[must_use]
    pub fn farewell(say: Words) -> Self {
        Self(vec![Verb::Say(say), Verb::Hangup])
    }

    /// The markup.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        let written = writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None))).and_then(|()| {
            let element = writer.create_element("Response");
            if self.0.is_empty() { element.write_empty() } else { element.write_inner_content(|w| self.write(w)) }?;
            Ok(())
        });
        // Writing into memory does not fail.
        written.map(|()| String::from_utf8(writer.into_inner()).unwrap_or_default()).unwrap_or_default()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        self.0.iter().try_for_each(|verb| verb.write(writer))
    }
}

type Attributes<'a> = [(&'a str, &'a str)];

impl Verb {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        match self {
            Self::Say(words) => words.write(writer),
            Self::Play { url } => text(writer, "Play", &[], url),
            Self::Gather { say, digits, seconds, action } => {
                let (digits, seconds) = (digits.to_string(), seconds.to_string());
                let attributes: &Attributes<'_> =
                    &[("input", "dtmf"), ("numDigits", &digits), ("timeout", &seconds), ("action", action)];
                element(writer, "Gather", attributes)
                    .write_inner_content(|w| say.iter().try_for_each(|words| words.write(w)))
                    .map(|_| ())
            }
            Self::Enqueue { queue, wait_url, action } => {
                text(writer, "Enqueue", &[("waitUrl", wait_url), ("action", action)], queue)
            }
            Self::Dial { targets, seconds, action, record, answered } => {
                let seconds = seconds.to_string();
                let mut attributes = vec![("timeout", seconds.as_str()), ("action", action.as_str())];
                if record.is_empty() {
                    attributes.push(("record", "do-not-record"));
                } else {
                    // In two channels: who said what can be told apart.
                    attributes
                        .extend([("record", "record-from-answer-dual"), ("recordingStatusCallback", record.as_str())]);
                }
                element(writer, "Dial", &attributes)
                    .write_inner_content(|w| targets.iter().try_for_each(|target| dial(w, target, answered)))
                    .map(|_| ())
            }
            Self::Record { action, ready, most_seconds } => {
                let seconds = most_seconds.to_string();
                empty(
                    writer,
                    "Record",
                    &[
                        ("action", action),
                        ("maxLength", &seconds),
                        ("playBeep", "true"),
                        ("recordingStatusCallback", ready),
                        ("transcribe", "false"),
                    ],
                )
            }
            Self::Redirect { url } => text(writer, "Redirect", &[], url),
            Self::Reject { busy } => empty(writer, "Reject", &[("reason", if *busy { "busy" } else { "rejected" })]),
            Self::Hangup => empty(writer, "Hangup", &[]),
        }
    }
}

impl Words {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        text(writer, "Say", &[("language", &self.language)], &self.text)
    }
}

fn dial(writer: &mut Writer<Vec<u8>>, target: &str, answered: &str) -> io::Result<()> {
    let told = [("statusCallback", answered), ("statusCallbackEvent", "answered")];
    let attributes: &Attributes<'_> = if answered.is_empty() { &[] } else { &told };
    match target.strip_prefix("client:") {
        Some(client) => text(writer, "Client", attributes, client),
        None if target.starts_with("sip:") || target.starts_with("sips:") => text(writer, "Sip", attributes, target),
        None => text(writer, "Number", attributes, target),
    }
}

/// An element whose attributes are without what XML cannot hold.
fn element<'a>(
    writer: &'a mut Writer<Vec<u8>>,
    name: &'a str,
    attributes: &Attributes<'_>,
) -> ElementWriter<'a, Vec<u8>> {
    let begun = writer.create_element(name);
    attributes.iter().fold(begun, |element, (name, value)| element.with_attribute((*name, allowed(value).as_str())))
}

/// The characters that a document of XML 1.0 may hold.
fn allowed(text: &str) -> String {
    let is_allowed =
        |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_allowed).collect()
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, attributes: &Attributes<'_>, content: &str) -> io::Result<()> {
    element(writer, name, attributes).write_text_content(BytesText::new(&allowed(content))).map(|_| ())
}

fn empty(writer: &mut Writer<Vec<u8>>, name: &str, attributes: &Attributes<'_>) -> io::Result<()> {
    element(writer, name, attributes).write_empty().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use quick_xml::Reader;

    #[test]
    fn a_menu_is_said_twice_and_then_waits_in_a_queue() {
        let queue = Verb::Enqueue { queue: "urp".into(), wait_url: "/attesa?a=1&b=2".into(), action: "/dopo".into() };
        let menu =
            Response::menu(&[Words::italian("Per l'anagrafe prema 1; per <altro> & varie, 2")], "/menu", 2, [queue]);
        let gather = "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"6\" action=\"/menu\"><Say language=\"it-IT\">\
            Per l&apos;anagrafe prema 1; per &lt;altro&gt; &amp; varie, 2</Say></Gather>";
        assert_eq!(
            menu.to_xml(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{gather}{gather}\
                <Enqueue waitUrl=\"/attesa?a=1&amp;b=2\" action=\"/dopo\">urp</Enqueue></Response>"
            )
        );
    }

    #[test]
    fn agents_are_dialled_and_a_message_is_recorded() {
        let targets = ["client:anna", "sip:7@cc.test", "+39085"].map(str::to_owned).to_vec();
        let verbs = [
            Verb::Dial {
                targets,
                seconds: 20,
                action: "/dopo".into(),
                record: String::new(),
                answered: "/risposto?agent=7&l=it".into(),
            },
            Verb::Say(Words::italian("Lasci un messaggio")),
            Verb::Record { action: "/fine".into(), ready: "/pronto".into(), most_seconds: 180 },
            Verb::Redirect { url: "/ancora".into() },
            Verb::Reject { busy: true },
            Verb::Play { url: "https://a/b.wav".into() },
        ];
        assert_eq!(
            Response::new(verbs).to_xml(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
                <Dial timeout=\"20\" action=\"/dopo\" record=\"do-not-record\">\
                <Client statusCallback=\"/risposto?agent=7&amp;l=it\" statusCallbackEvent=\"answered\">anna</Client>\
                <Sip statusCallback=\"/risposto?agent=7&amp;l=it\" statusCallbackEvent=\"answered\">sip:7@cc.test</Sip>\
                <Number statusCallback=\"/risposto?agent=7&amp;l=it\" statusCallbackEvent=\"answered\">+39085</Number>\
                </Dial><Say language=\"it-IT\">Lasci un messaggio</Say>\
                <Record action=\"/fine\" maxLength=\"180\" playBeep=\"true\" recordingStatusCallback=\"/pronto\" \
                transcribe=\"false\"/><Redirect>/ancora</Redirect><Reject reason=\"busy\"/>\
                <Play>https://a/b.wav</Play></Response>"
        );
        assert!(
            Response::farewell(Words::italian("Gli uffici sono chiusi"))
                .to_xml()
                .ends_with("</Say><Hangup/></Response>")
        );
        assert!(Response::default().to_xml().ends_with("<Response/>"));
    }

    proptest! {
        #[test]
        fn any_text_stands_in_a_document_that_can_be_read(content in any::<String>(), address in any::<String>()) {
            let xml = Response::new([
                Verb::Redirect { url: address.clone() },
                Verb::Enqueue { queue: content.clone(), wait_url: address.clone(), action: address },
            ]).to_xml();
            let mut reader = Reader::from_str(&xml);
            reader.config_mut().check_end_names = true;
            let mut names = Vec::new();
            loop {
                match reader.read_event() {
                    Ok(Event::Start(e) | Event::Empty(e)) => {
                        prop_assert!(e.attributes().all(|a| a.is_ok()));
                        names.push(String::from_utf8_lossy(e.name().as_ref()).into_owned());
                    }
                    Ok(Event::Eof) => break,
                    other => prop_assert!(other.is_ok(), "{other:?}"),
                }
            }
            prop_assert_eq!(names, ["Response", "Redirect", "Enqueue"], "nothing that is said becomes markup");
        }
    }
}
