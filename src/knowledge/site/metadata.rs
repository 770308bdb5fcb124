//! What search engines read of a sheet: JSON-LD of schema.org. The service itself has the properties that the
//! municipalities' validator asks for (R.SI.1.1); the citizens' question and the way to the page come beside it.
use serde::Serialize;

use super::addresses::Addresses;
use crate::kernel::language::Language;
use crate::kernel::opening::Opening;
use crate::kernel::page::Page;
use crate::knowledge::details::Office;
use crate::knowledge::markdown;
use crate::knowledge::model::{Sheet, SheetText};

/// Most characters of whom a service is for.
const AUDIENCE: usize = 300;
const CONTEXT: &str = "https://schema.org";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    #[serde(rename = "@id")]
    id: &'a str,
    url: &'a str,
    name: &'a str,
    description: &'a str,
    /// The sheet's code.
    identifier: &'a str,
    service_type: &'a str,
    service_operator: Organisation<'a>,
    provider: Organisation<'a>,
    area_served: Named<'a>,
    audience: Audience,
    available_channel: Channel<'a>,
    in_language: &'static str,
}

#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct Organisation<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    telephone: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Audience {
    #[serde(rename = "@type")]
    kind: &'static str,
    audience_type: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Channel<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    service_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_location: Option<Place<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    address: Address<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    telephone: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opening_hours_specification: Vec<Hours>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Address<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    street_address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    postal_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_locality: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Hours {
    #[serde(rename = "@type")]
    kind: &'static str,
    day_of_week: Vec<&'static str>,
    opens: String,
    closes: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Questions<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    in_language: &'static str,
    main_entity: [Question<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    accepted_answer: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Breadcrumbs<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    item_list_element: Vec<Crumb<'a>>,
}

#[derive(Serialize)]
struct Crumb<'a> {
    #[serde(rename = "@type")]
    kind: &'static str,
    position: usize,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
}

/// A block of JSON-LD.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// By which the validator finds it; empty for others.
    pub element: &'static str,
    /// JSON that may stand inside a `script` element.
    pub json: String,
}

/// What the blocks are made of beside the sheet itself.
pub(super) struct Around<'a> {
    pub addresses: &'a Addresses,
    /// Name of the area or topic; empty without one.
    pub topic: &'a str,
    /// The unit that answers for the sheet, or the agency.
    pub operator: &'a str,
    /// Where the service is asked for.
    pub request: &'a str,
    /// Names and addresses of the pages above this one.
    pub above: &'a [(String, String)],
}

/// Whom the service is for: as the sheet says, else everybody.
fn audience(page: &Page, text: &SheetText) -> String {
    let own = markdown::plain(&text.sections.addressed_to, AUDIENCE);
    if own.is_empty() { page.t("site-audience") } else { own }
}

/// The blocks of a sheet's page.
pub(super) fn blocks(page: &Page, sheet: &Sheet, text: &SheetText, around: &Around<'_>) -> Vec<Block> {
    let url = around.addresses.canonical.as_str();
    let organisation = |name, telephone| Organisation { kind: "GovernmentOrganization", name, telephone };
    let service = Service {
        context: CONTEXT,
        kind: "GovernmentService",
        id: url,
        url,
        name: &text.title,
        description: &text.summary,
        identifier: &sheet.code,
        service_type: if around.topic.is_empty() { &text.title } else { around.topic },
        service_operator: organisation(around.operator, None),
        provider: organisation(&page.agency_name, page.phone.as_ref().map(|p| p.number.as_str())),
        area_served: Named { kind: "AdministrativeArea", name: &page.agency_name },
        audience: Audience { kind: "Audience", audience_type: audience(page, text) },
        available_channel: Channel {
            kind: "ServiceChannel",
            service_url: around.request,
            service_location: sheet.details.offices.first().map(place),
        },
        in_language: text.language.as_str(),
    };
    let mut blocks = vec![block("metatag", &service)];
    if !text.question.is_empty() {
        blocks.push(block("", &questions(text, text.language)));
    }
    blocks.push(block("", &breadcrumbs(around, &text.title)));
    blocks
}

fn questions(text: &SheetText, language: Language) -> Questions<'_> {
    let answer = Answer { kind: "Answer", text: &text.summary };
    Questions {
        context: CONTEXT,
        kind: "FAQPage",
        in_language: language.as_str(),
        main_entity: [Question { kind: "Question", name: &text.question, accepted_answer: answer }],
    }
}

fn breadcrumbs<'a>(around: &Around<'a>, title: &'a str) -> Breadcrumbs<'a> {
    let above = around.above.iter().map(|(name, address)| (name.as_str(), Some(address.clone())));
    let all = above.chain([(title, None)]).zip(1..);
    Breadcrumbs {
        context: CONTEXT,
        kind: "BreadcrumbList",
        item_list_element: all
            .map(|((name, item), position)| Crumb { kind: "ListItem", position, name, item })
            .collect(),
    }
}

fn block(element: &'static str, content: &impl Serialize) -> Block {
    // These structures have string keys and no failing serialisers.
    let json = serde_json::to_string(content).unwrap_or_default();
    Block { element, json: for_script(&json) }
}

/// JSON in which nothing can end the element it stands in: these characters occur in strings only, where JSON lets
/// them be written as escapes.
fn for_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn place(office: &Office) -> Place<'_> {
    Place {
        kind: "GovernmentOffice",
        name: &office.name,
        address: address(&office.address),
        telephone: &office.phone,
        opening_hours_specification: office.opening.iter().map(|o| hours(*o)).collect(),
    }
}

/// `Via Roma 1, 67100 L'Aquila` in its parts; what has no comma is a street alone.
fn address(written: &str) -> Address<'_> {
    let (street, town) = written.rsplit_once(',').unwrap_or((written, ""));
    let town = town.trim();
    let (code, locality) = match town.split_once(' ') {
        Some((code, rest)) if code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit()) => (code, rest.trim()),
        _ => ("", town),
    };
    Address { kind: "PostalAddress", street_address: street.trim(), postal_code: code, address_locality: locality }
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn hours(opening: Opening) -> Hours {
    let (first, last) = opening.days();
    let (opens, closes) = opening.times().split_once('-').map(|(a, b)| (padded(a), padded(b))).unwrap_or_default();
    let days = DAYS.iter().enumerate().filter(|(place, _)| (usize::from(first)..=usize::from(last)).contains(place));
    Hours { kind: "OpeningHoursSpecification", day_of_week: days.map(|(_, d)| *d).collect(), opens, closes }
}

/// `9:00` as ISO 8601 writes it.
fn padded(time: &str) -> String {
    format!("{time:0>5}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_element() {
        let json = serde_json::json!({"name": "</script><img src=x> & <!--"}).to_string();
        let safe = for_script(&json);
        assert!(!safe.contains(['<', '>', '&']), "{safe}");
        let back: serde_json::Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(back["name"], "</script><img src=x> & <!--");
    }

    #[test]
    fn an_address_is_read_in_its_parts() {
        let parts = |text| {
            let a = address(text);
            (a.street_address, a.postal_code, a.address_locality)
        };
        assert_eq!(parts("Piazza Duomo 1, 67100 L'Aquila"), ("Piazza Duomo 1", "67100", "L'Aquila"));
        assert_eq!(parts("Piazza del Municipio 1, Valdoria"), ("Piazza del Municipio 1", "", "Valdoria"));
        assert_eq!(parts("Via Roma 1"), ("Via Roma 1", "", ""));
    }

    #[test]
    fn opening_hours_are_days_and_times() {
        let hours = hours(Opening::parse("lun-mer 9-13.30").unwrap());
        assert_eq!(hours.day_of_week, ["Monday", "Tuesday", "Wednesday"]);
        assert_eq!((hours.opens.as_str(), hours.closes.as_str()), ("09:00", "13:30"));
    }
}
