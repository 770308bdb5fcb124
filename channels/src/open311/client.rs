//! A client of another body's endpoint.
use jiff::Timestamp;
use reqwest::Url;

use super::{Accepted, Request, Service, Unreadable, Update};
use crate::Secret;
use crate::calls::{Answered, Call, CallError, Caller};

/// Longest list that is read, in bytes.
const LONGEST: usize = 8 << 20;
/// The specification's bound of a description, in characters.
const DESCRIPTION: usize = 4000;

/// Another body's endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its address, to which `/requests.json` is added.
    pub url: Url,
    /// May be empty.
    pub jurisdiction: String,
    /// May be empty where the endpoint asks for none.
    pub api_key: Secret,
}

/// A request to be made.
#[derive(Debug, Clone, Default)]
pub struct NewRequest {
    /// The endpoint's name of the service.
    pub service: String,
    /// What is asked; begins with our own code, by which a request is found again.
    pub description: String,
    /// Address or description of the place; the specification asks for one.
    pub place: String,
    /// Names of attributes with their values.
    pub attributes: Vec<(String, String)>,
    /// Who asks; all may be empty.
    pub email: String,
    /// First names and surname, as one.
    pub name: String,
    /// E.164.
    pub phone: String,
}

/// Something to be added to a request (mySociety's extension).
#[derive(Debug, Clone, Default)]
pub struct NewUpdate {
    /// Names it for us: the endpoint takes it once.
    pub id: String,
    /// The request's number there.
    pub request: String,
    /// `OPEN`, or what it shall become.
    pub status: String,
    /// What it says.
    pub description: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Why an endpoint did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Nothing answered.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It refused; its words.
    #[error("{words}")]
    Refused {
        /// Status and words.
        words: String,
        /// Whether the same may be taken later.
        passing: bool,
    },
    /// It said something that nobody understands.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// Speaks with one endpoint.
#[derive(Debug)]
pub struct Client<'a> {
    caller: &'a Caller,
    endpoint: &'a Endpoint,
}

impl<'a> Client<'a> {
    /// A client of this endpoint.
    #[must_use]
    pub const fn new(caller: &'a Caller, endpoint: &'a Endpoint) -> Self {
        Self { caller, endpoint }
    }

    /// The services that the endpoint offers.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn services(&self) -> Result<Vec<Service>, OpenError> {
        Ok(Service::list(&self.get("services.json", &[]).await?)?)
    }

    /// Makes a request. It is not known to have failed when this fails: look with [`Client::find`] before the next.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn request(&self, new: &NewRequest) -> Result<Accepted, OpenError> {
        let (first, last) = new.name.rsplit_once(' ').unwrap_or((new.name.as_str(), ""));
        let mut form = vec![
            ("service_code".to_owned(), new.service.clone()),
            ("description".to_owned(), new.description.chars().take(DESCRIPTION).collect()),
            ("address_string".to_owned(), new.place.clone()),
        ];
        form.extend(new.attributes.iter().map(|(name, value)| (format!("attribute[{name}]"), value.clone())));
        let who = [("email", new.email.as_str()), ("first_name", first), ("last_name", last), ("phone", &new.phone)];
        form.extend(who.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        Ok(Accepted::first(&self.post("requests.json", form).await?)?)
    }

    /// The request of ours whose description has a text, among those made since an instant.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn find(&self, text: &str, service: &str, since: Timestamp) -> Result<Option<Request>, OpenError> {
        let query =
            [("service_code", service.to_owned()), ("start_date", since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())];
        let found = Request::list(&self.get("requests.json", &query).await?)?;
        Ok(found.into_iter().find(|request| request.description.contains(text) && !request.id.is_empty()))
    }

    /// The number behind a token; `None` as long as there is none.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn number_of(&self, token: &str) -> Result<Option<String>, OpenError> {
        let path = format!("tokens/{}.json", percent(token));
        let accepted = Accepted::first(&self.get(&path, &[]).await?)?;
        Ok(Some(accepted.id).filter(|id| !id.is_empty()))
    }

    /// Requests by their numbers.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn requests(&self, ids: &[String]) -> Result<Vec<Request>, OpenError> {
        Ok(Request::list(&self.get("requests.json", &[("service_request_id", ids.join(","))]).await?)?)
    }

    /// What happened between two instants (mySociety's extension).
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn updates(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Update>, OpenError> {
        let text = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let query = [("start_date", text(from)), ("end_date", text(to))];
        Ok(Update::list(&self.get("servicerequestupdates.json", &query).await?)?)
    }

    /// Adds something to a request (mySociety's extension).
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn update(&self, new: &NewUpdate) -> Result<(), OpenError> {
        let form = vec![
            ("update_id".to_owned(), new.id.clone()),
            ("service_request_id".to_owned(), new.request.clone()),
            ("status".to_owned(), new.status.clone()),
            ("description".to_owned(), new.description.chars().take(DESCRIPTION).collect()),
            ("updated_datetime".to_owned(), new.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ];
        self.post("servicerequestupdates.json", form).await.map(drop)
    }

    fn address(&self, path: &str) -> Result<Url, CallError> {
        let base = self.endpoint.url.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}/{path}")).map_err(|e| CallError::Refused(e.to_string()))
    }

    async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Vec<u8>, OpenError> {
        let mut url = self.address(path)?;
        {
            let mut pairs = url.query_pairs_mut();
            if !self.endpoint.jurisdiction.is_empty() {
                pairs.append_pair("jurisdiction_id", &self.endpoint.jurisdiction);
            }
            if !self.endpoint.api_key.is_empty() {
                pairs.append_pair("api_key", self.endpoint.api_key.expose());
            }
            for (name, value) in query {
                pairs.append_pair(name, value);
            }
        }
        if url.query() == Some("") {
            url.set_query(None);
        }
        taken(self.caller.call(Call::get(url, LONGEST)).await?)
    }

    async fn post(&self, path: &str, mut form: Vec<(String, String)>) -> Result<Vec<u8>, OpenError> {
        if !self.endpoint.jurisdiction.is_empty() {
            form.push(("jurisdiction_id".to_owned(), self.endpoint.jurisdiction.clone()));
        }
        form.push(("api_key".to_owned(), self.endpoint.api_key.expose().to_owned()));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish().into_bytes();
        let call = Call::post(self.address(path)?, "application/x-www-form-urlencoded; charset=utf-8", body, LONGEST);
        taken(self.caller.call(call).await?)
    }
}

fn taken(answer: Answered) -> Result<Vec<u8>, OpenError> {
    if answer.is_good() {
        return Ok(answer.body);
    }
    Err(OpenError::Refused { words: answer.words(), passing: answer.is_passing() })
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
