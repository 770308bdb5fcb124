//! What Twilio says of messages when it is asked: those it received for us, each as it should have told of it, and
//! what became of those we sent.

use std::ops::Range;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;

use super::Client;
use super::reading::name;
use crate::sms::request::{Pairs, StoredRequest};
use crate::sms::settings::encode_id;
use crate::twilio::rest::{Answer, PAGE, PATIENCE, Rest, days, form, time};
use crate::{Fate, Held, RawContent, RawItem, Unreported};

/// Messages asked about at the same time.
const TOGETHER: usize = 8;
const FORM: &str = "application/x-www-form-urlencoded";

impl Client {
    fn rest(&self) -> Rest<'_> {
        Rest { base: &self.base, account: &self.account, token: &self.token, client: &self.client }
    }

    /// The messages of citizens in a span of time.
    pub(super) async fn received(&self, span: &Range<Timestamp>) -> Result<Vec<Held>, String> {
        let [from, to] = days(span);
        let mut pairs = vec![("DateSent>", from.as_str()), ("DateSent<", &to), PAGE];
        // Other numbers of the account are not ours.
        if self.service.is_empty() && self.common.sender.starts_with('+') {
            pairs.push(("To", &self.common.sender));
        }
        let all = self.rest().list("/Messages.json", &pairs, "messages", PATIENCE).await?;
        let ours = |entry: &&Value| {
            let service = entry["messaging_service_sid"].as_str().unwrap_or_default();
            let theirs = !self.service.is_empty() && !service.is_empty() && service != self.service;
            entry["direction"] == "inbound" && !theirs
        };
        let held = |entry: &Value| {
            let received_at = time(&entry["date_sent"]).or_else(|| time(&entry["date_created"]));
            let external_ref = entry["sid"].as_str()?.to_owned();
            let within = received_at.is_none_or(|at| span.contains(&at));
            within.then_some(Held { external_ref, received_at, obtainable: true })
        };
        Ok(all.iter().filter(ours).filter_map(held).collect())
    }

    /// Messages by name, as the hook would have stored them.
    pub(super) async fn fetch(&self, names: &[String]) -> Result<Vec<RawItem>, String> {
        let fetched = stream::iter(names.to_vec()).map(|sid| async move { self.one(&sid).await }).buffered(TOGETHER);
        Ok(fetched.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
    }

    async fn one(&self, sid: &str) -> Result<Option<RawItem>, String> {
        let Some(message) = self.message(sid).await? else { return Ok(None) };
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        let mut pairs = vec![
            ("MessageSid".to_owned(), sid.to_owned()),
            ("From".to_owned(), text("from")),
            ("To".to_owned(), text("to")),
            ("Body".to_owned(), text("body")),
        ];
        if !matches!(message["num_media"].as_str(), None | Some("" | "0")) {
            let path = format!("/Messages/{sid}/Media.json");
            let pictures = self.rest().list(&path, &[PAGE], "media_list", PATIENCE).await?;
            for (n, uri) in pictures.iter().filter_map(|picture| picture["uri"].as_str()).enumerate() {
                pairs.push((format!("MediaUrl{n}"), format!("{}{}", self.base, uri.trim_end_matches(".json"))));
            }
        }
        Ok(item("in", String::new(), &pairs, time(&message["date_sent"])))
    }

    /// What became of each message, in its place.
    pub(super) async fn fates_of(&self, sent: &[Unreported]) -> Result<Vec<Fate>, String> {
        stream::iter(sent.to_vec())
            .map(|message| async move { self.fate(&message).await })
            .buffered(TOGETHER)
            .try_collect()
            .await
    }

    async fn fate(&self, sent: &Unreported) -> Result<Fate, String> {
        let Some(sid) = sent.provider_id.as_deref() else { return Ok(Fate::Unknown) };
        let Some(message) = self.message(sid).await? else { return Ok(Fate::Unknown) };
        let text = |field: &str| message[field].as_str().unwrap_or_default().to_owned();
        let state = text("status");
        match state.as_str() {
            "queued" | "accepted" | "scheduled" | "sending" => Ok(Fate::UnderWay),
            "delivered" | "read" | "undelivered" | "failed" | "canceled" => {
                let code = message["error_code"].as_u64().map(|code| code.to_string()).unwrap_or_default();
                let pairs = [
                    ("MessageSid".to_owned(), sid.to_owned()),
                    ("MessageStatus".to_owned(), state),
                    ("To".to_owned(), text("to")),
                    ("ErrorCode".to_owned(), code),
                ];
                let query = form(&[("id", &encode_id(&sent.own_id))]);
                Ok(item("status", query, &pairs, time(&message["date_updated"])).map_or(Fate::Unknown, Fate::Report))
            }
            // «sent» is all that some networks ever say.
            _ => Ok(Fate::Unknown),
        }
    }

    /// A message; `None` when the provider knows none of that name.
    async fn message(&self, sid: &str) -> Result<Option<Value>, String> {
        if sid.is_empty() || !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let answer = self.rest().get(&format!("/Messages/{sid}.json"), PATIENCE).await?;
        match answer {
            Answer { status: 404, .. } => Ok(None),
            answer if answer.is_done() => Ok(Some(answer.body)),
            answer => Err(answer.refusal()),
        }
    }
}

/// A request as the provider should have made it.
fn item(path: &str, query: String, pairs: &[(String, String)], at: Option<Timestamp>) -> Option<RawItem> {
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = form(&pairs);
    let external_ref = {
        let stored = StoredRequest { path: path.to_owned(), ..StoredRequest::default() };
        name(&stored, &Pairs::parse(body.as_bytes()))?
    };
    let stored = StoredRequest { path: path.to_owned(), query, media_type: FORM.to_owned(), body: body.into() };
    Some(RawItem { external_ref, received_at: at, content: RawContent::Whole(stored.to_bytes()) })
}
