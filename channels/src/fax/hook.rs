//! What the fax server's scripts post: a received fax (`in`), the fate of a sent one (`out`).

use async_trait::async_trait;
use bytes::Bytes;
use subtle::ConstantTimeEq;

use crate::paper::{Envelope, media_type, reference};
use crate::{Hook, HookAccepted, HookAnswer, HookRefusal, HookRequest, RawContent, RawItem, Secret};

/// Says that an envelope holds the fate of a sent fax and no pages.
pub(super) const REPORT: &str = "report";
/// What scripts say of a received fax.
const OF_FAX: [&str; 6] = ["file", "caller", "name", "device", "comm", "error"];
/// What scripts say of a sent one.
pub(super) const OF_REPORT: [&str; 9] =
    ["job", "tag", "why", "number", "status", "npages", "totpages", "dials", "tries"];

/// Takes what the scripts of one fax server post.
#[derive(Debug)]
pub struct FaxHook {
    secret: Secret,
    max_bytes: usize,
}

impl FaxHook {
    /// Takes only requests that carry this secret, with faxes up to a size.
    #[must_use]
    pub const fn new(secret: Secret, max_bytes: usize) -> Self {
        Self { secret, max_bytes }
    }

    fn is_ours(&self, request: &HookRequest) -> bool {
        let given = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        !self.secret.is_empty() && bool::from(given.trim().as_bytes().ct_eq(self.secret.expose().as_bytes()))
    }
}

fn pairs(form: &[u8], names: &[&str]) -> Vec<(String, String)> {
    let all = form_urlencoded::parse(form).filter(|(name, _)| names.contains(&name.as_ref()));
    // HylaFAX writes this where a caller tells nothing.
    all.filter(|(_, value)| value != "<NONE>").map(|(n, v)| (n.into_owned(), v.into_owned())).take(20).collect()
}

fn item(external_ref: String, envelope: &Envelope<'_>, request: &HookRequest) -> HookAccepted {
    let content = RawContent::Whole(envelope.to_bytes().into());
    let item = RawItem { external_ref, received_at: Some(request.now), content };
    let answer = HookAnswer { body: "stored\n".into(), ..HookAnswer::default() };
    HookAccepted { items: vec![item], answer, ..HookAccepted::default() }
}

#[async_trait]
impl Hook for FaxHook {
    fn limit(&self) -> usize {
        self.max_bytes
    }

    fn admits(&self, head: &HookRequest) -> bool {
        self.is_ours(head)
    }

    fn kept(&self, request: &HookRequest) -> Bytes {
        // Its proof is a header.
        request.with_address()
    }

    async fn accept(&self, request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
        if !self.is_ours(request) {
            return Err(HookRefusal::Forbidden);
        }
        if request.method != "POST" {
            return Err(HookRefusal::Malformed("expected a POST".into()));
        }
        match request.path.as_str() {
            "in" => received(request),
            "out" => report(request),
            _ => Err(HookRefusal::NotFound),
        }
    }
}

fn received(request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
    if media_type(&request.body).is_none() {
        return Err(HookRefusal::Malformed("the body is neither TIFF nor PDF".into()));
    }
    let said = pairs(request.query.as_bytes(), &OF_FAX);
    let mut envelope = Envelope::around(&request.body).with("received", &request.now.to_string());
    for (name, value) in &said {
        // A script may give the whole path of the file.
        let value = if name == "file" { value.rsplit('/').next().unwrap_or_default() } else { value };
        envelope = envelope.with(name, value);
    }
    Ok(item(reference(envelope.get("file"), &request.body), &envelope, request))
}

fn report(request: &HookRequest) -> Result<HookAccepted, HookRefusal> {
    let mut said = pairs(&request.body, &OF_REPORT);
    said.extend(pairs(request.query.as_bytes(), &OF_REPORT));
    let mut envelope = Envelope::default().with("kind", REPORT).with("received", &request.now.to_string());
    for (name, value) in &said {
        envelope = envelope.with(name, value);
    }
    let (job, why) = (envelope.get("job"), envelope.get("why"));
    if !job.bytes().all(|b| b.is_ascii_digit()) || job.is_empty() || why.is_empty() {
        return Err(HookRefusal::Malformed("a report names its job and says why".into()));
    }
    // The same report again says the same; a later one of the same job has more dials or tries.
    let words = [job, envelope.get("tag"), why, envelope.get("dials"), envelope.get("tries")].join(".");
    let external_ref = reference(&format!("job-{job}"), words.as_bytes());
    Ok(item(external_ref, &envelope, request))
}

/// The report that the scripts would have posted of a job.
pub(super) fn report_of(job: &str, tag: &str, why: &str, status: &str) -> RawItem {
    let envelope = Envelope::default().with("kind", REPORT).with("job", job).with("tag", tag);
    let envelope = envelope.with("why", why).with("status", status);
    let external_ref = reference(&format!("job-{job}"), format!("asked.{tag}.{why}").as_bytes());
    RawItem { external_ref, received_at: None, content: RawContent::Whole(envelope.to_bytes().into()) }
}
