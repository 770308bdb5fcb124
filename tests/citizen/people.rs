//! A citizen with a form, and the agent who works on what arrives.
use std::collections::BTreeSet;

use sportello::kernel::events::Actor;
use sportello::kernel::permissions::Principal;

use crate::support::*;

/// A citizen's form: what is in its fields, sent as a browser sends it.
pub struct Form {
    pub browser: Browser,
    pub fields: Vec<(&'static str, String)>,
}

impl Form {
    /// Opens the form, fills it well and waits as a person does.
    pub async fn filled(t: &TestApp) -> Self {
        let form = Self::just_opened(t).await;
        t.clock.advance(SignedDuration::from_secs(30));
        form
    }

    /// As [`Form::filled`], at the very moment it was opened.
    pub async fn just_opened(t: &TestApp) -> Self {
        let browser = t.browser();
        let page = browser.get("/sportello/richiesta").await.expect(200);
        let stamp = stamp(&page);
        let fields = [
            ("stamp", stamp.as_str()),
            ("kind", "report"),
            ("category", "waste/bulky"),
            ("text", "In via Roma 14 c'è un divano abbandonato."),
            ("name", "Marta Neri"),
            ("email", "Marta.Neri@example.org"),
            ("phone", "333 123 4567"),
            ("privacy", "true"),
            ("website", ""),
        ];
        let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { browser, fields }
    }

    /// Changes a field.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.fields.iter_mut().find(|(n, _)| *n == name).unwrap().1 = value;
        self
    }

    pub async fn send(&self) -> Answer {
        self.send_with(&[]).await
    }

    pub async fn send_with(&self, files: &[File<'_>]) -> Answer {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.browser.post_files("/sportello/richiesta", &fields, files).await
    }

    /// Sends it and answers the code and the address of the request's page, with its key.
    pub async fn accepted(&self) -> (String, String) {
        let sent = self.send().await.expect(303);
        read_sent(&self.browser, &sent).await
    }
}

/// What the answer page says: the code and the link to follow.
pub async fn read_sent(browser: &Browser, sent: &Answer) -> (String, String) {
    let page = browser.get(sent.location()).await.expect(200);
    let shown = page.between("<strong class=\"tracking-code\">", "</strong>").unwrap().to_owned();
    assert_eq!(shown.len(), 11, "three groups of three: {shown}");
    let link = page.between("href=\"/sportello/pratica/", "\"").unwrap();
    (shown.replace('-', ""), format!("/sportello/pratica/{link}"))
}

/// The stamp in a page's form.
pub fn stamp(page: &Answer) -> String {
    page.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned()
}

/// A browser that opened a request by its link.
pub async fn follow(browser: &Browser, code: &str, link: &str) -> Answer {
    let answer = browser.get(link).await.expect(303);
    assert_eq!(answer.location(), format!("/sportello/pratica/{code}"), "the key leaves the address");
    browser.get(answer.location()).await.expect(200)
}

/// An agent of the contact centre.
pub async fn agent(t: &TestApp) -> Principal {
    let id = t.user(Role::Agent).await;
    Principal {
        actor: Actor::User(id),
        role: Role::Agent,
        user_id: Some(id),
        name: "Agent Prova".to_owned(),
        language: "it".to_owned(),
        units: BTreeSet::from([t.unit("contact-centre").await]),
    }
}

/// How many tickets there are.
pub async fn tickets(t: &TestApp) -> i64 {
    t.number("SELECT COUNT(*) FROM tickets").await
}
