//! The conversation, seen from the citizen's side.
use askama::Template;

use super::files;
use super::forms::size_text;
use super::store::{PublicContact, PublicFile};
use crate::kernel::Kernel;
use crate::kernel::page::Page;
use crate::kernel::problem::{Kind, Problem};
use crate::tickets::Ticket;

/// A file as the conversation lists it.
#[derive(Debug, Clone)]
pub struct Attachment {
    pub href: String,
    pub name: String,
    pub size: String,
}

/// A contact as the conversation shows it.
#[derive(Debug, Clone)]
pub struct Bubble {
    pub kind: &'static str,
    pub icon: &'static str,
    pub who: String,
    pub channel: String,
    pub at: String,
    pub when: String,
    pub body: String,
    pub quoted: &'static str,
    pub attachments: Vec<Attachment>,
    pub status: &'static str,
}

/// A public contact as its requester reads it; files are reached by signed addresses.
///
/// # Errors
/// Only when the template is broken.
pub fn bubble(
    kernel: &Kernel,
    page: &Page,
    ticket: &Ticket,
    contact: &PublicContact,
    files: &[PublicFile],
) -> Result<Bubble, Problem> {
    let incoming = contact.direction == "in";
    let who = if !incoming {
        page.agency_name.clone()
    } else if contact.person_id.is_none() || contact.person_id == ticket.person_id {
        page.t("track-who-you")
    } else {
        page.t("track-who-other")
    };
    let body = Message { text: contact.body.replace("\r\n", "\n") };
    let body = body.render().map_err(|e| Problem::new(Kind::Internal, "internal", format!("template: {e}")))?;
    Ok(Bubble {
        // Seen from the citizen's side.
        kind: if incoming { "in" } else { "out" },
        icon: if incoming { "user" } else { "pa" },
        who,
        channel: page.t(&format!("track-channel-{}", contact.channel)),
        at: page.machine_time(&contact.happened_at),
        when: page.datetime(&contact.happened_at),
        body,
        quoted: "",
        attachments: files
            .iter()
            .filter(|f| f.contact_id == contact.id)
            .map(|f| Attachment {
                href: files::address(kernel, &ticket.code, f.id),
                name: f.name.clone(),
                size: size_text(f.size, page.language),
            })
            .collect(),
        status: "",
    })
}

/// A message of plain text as paragraphs, everything in it escaped.
#[derive(Template)]
#[template(path = "citizen/message.html")]
struct Message {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_becomes_markup() {
        let html = Message { text: "a <b>\nc\n\n\n& e".to_owned() }.render().unwrap();
        assert_eq!(html.trim(), "<p>a &#60;b&#62;<br>c</p><p>&#38; e</p>");
    }
}
