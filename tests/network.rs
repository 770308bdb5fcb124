//! Referral legs from the desk to a unit and back: by link, by account, by mail and through the API; what the
//! ticket waits for, who sees what, and what survives a race.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[macro_use]
mod support;

mod network {
    mod answers;
    mod flows;
    mod histories;
    mod late;
    mod leaving;
    mod life;
    mod links;
    mod organisation;
    mod organisation_pages;
    mod proposals;
    mod referent_links;
    mod referents;
    mod reminders;
    mod reorganising;
    mod sending;
    mod sites;
    mod stuck;
    mod takeovers;
    mod transfer;
    mod updates;

    use sportello::kernel::events::Actor;
    use sportello::kernel::permissions::Principal;
    use sportello::network::answer::{LegMessage, Meaning, Written};
    use sportello::network::refer::{Referral, refer};
    use sportello::network::{Door, Leg, LegError, LegKind};
    use sportello::tickets::Ticket;
    use sportello::tickets::store::NewContact;

    use crate::support::*;

    pub const REQUEST: &str = "Vorrei sapere perché la mia carta di identità non è ancora pronta.";

    /// A ticket of the contact centre, from a citizen's mail; its code.
    pub async fn ticket(t: &TestApp) -> String {
        let known = t.number("SELECT COUNT(*) FROM tickets").await;
        let api = t.api(Role::Integration).await;
        let body = json!({
            "channel": "email", "external_id": format!("m{known}"), "from": "anna.neri@example.com",
            "subject": "Carta di identità", "text": REQUEST,
        });
        api.post_json("/api/v1/contacts", &body).await.expect(201).json()["ticket_code"].as_str().unwrap().to_owned()
    }

    /// The agent who sends legs.
    pub async fn agent(t: &TestApp) -> Principal {
        let id = t.user(Role::Agent).await;
        Principal {
            actor: Actor::User(id),
            role: Role::Agent,
            user_id: Some(id),
            name: "Agent Prova".to_owned(),
            language: "it".to_owned(),
            units: [1].into(),
        }
    }

    /// Somebody of a higher level.
    pub async fn supervisor(t: &TestApp) -> Principal {
        let id = t.user(Role::Supervisor).await;
        Principal { actor: Actor::User(id), role: Role::Supervisor, user_id: Some(id), ..agent(t).await }
    }

    /// Names a referent with an address of their own; answers the row id.
    pub async fn referent(t: &TestApp, unit: &str, rank: &str, email: &str) -> i64 {
        let unit = t.unit(unit).await;
        t.execute(&format!(
            "INSERT INTO referents (unit_id, name, email, rank, valid_from) VALUES ({unit}, 'Referente {rank}', '{email}', '{rank}', 0)"
        ))
        .await;
        t.number(&format!("SELECT MAX(id) FROM referents WHERE email = '{email}'")).await
    }

    /// Sends a leg.
    pub async fn send(t: &TestApp, code: &str, unit: &str, kind: LegKind) -> Result<(Ticket, Leg), LegError> {
        let referral = Referral { unit: unit.to_owned(), kind, question: "A che punto è la pratica?".to_owned() };
        refer(&t.kernel, &agent(t).await, code, None, referral).await
    }

    /// The token in the last mail about a leg.
    pub async fn token(t: &TestApp, leg: &Leg) -> String {
        let mails = t
            .texts(&format!(
                "SELECT payload FROM outbox WHERE leg_id = {} AND payload LIKE '%/invio/%' ORDER BY id DESC",
                leg.id
            ))
            .await;
        let (_, after) = mails[0].split_once("/invio/").unwrap();
        after.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// State and version-free counters of a ticket: state, open, decisive and external legs.
    pub async fn counters(t: &TestApp, code: &str) -> (String, i64, i64, i64) {
        let of = |column: &str| format!("SELECT {column} FROM tickets WHERE code = '{code}'");
        (
            t.texts(&of("state")).await.remove(0),
            t.number(&of("open_legs")).await,
            t.number(&of("decisive_legs")).await,
            t.number(&of("external_legs")).await,
        )
    }

    /// What a referent writes.
    pub fn written(text: &str) -> Written {
        Written {
            text: text.to_owned(),
            files: Vec::new(),
            external_code: String::new(),
            signed: "Ugo Bassi".to_owned(),
            ..Written::default()
        }
    }

    /// A mail of a unit, as intake hands it over.
    pub async fn mail(t: &TestApp, leg: &Leg, text: &str, automatic: Option<&str>) {
        let now = t.kernel.now();
        let contact = NewContact {
            channel: "email",
            from_address: "anagrafe@example.it".to_owned(),
            body: text.to_owned(),
            automatic: automatic.map(str::to_owned),
            public: true,
            happened_at: now,
            created_at: now,
            ..NewContact::default()
        };
        let message = LegMessage { contact, files: Vec::new(), external_code: String::new(), meaning: Meaning::Answer };
        let id = leg.id;
        let write = t.kernel.db.write(move |tx| {
            Box::pin(sportello::network::answer::receive_answer(tx, id, message, Actor::Leg(id), now))
        });
        write.await.unwrap();
    }

    /// State of a leg.
    pub async fn leg_state(t: &TestApp, leg: &Leg) -> String {
        t.texts(&format!("SELECT state FROM legs WHERE id = {}", leg.id)).await.remove(0)
    }
}
