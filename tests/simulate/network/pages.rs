//! The figures as people and programs get them: page, export, API, recount and the lists behind, against the auditor's own count.
use std::collections::BTreeMap;

use sportello::cli::demo;
use sportello::kernel::permissions::Role;

use super::ledger::{Closure, Ledger};
use crate::support::*;

/// Rows of a table whose lists are walked to their end.
const LISTS: usize = 4;

/// Closed, strict and wide, by key.
type Sums = BTreeMap<String, (i64, i64, i64)>;

fn sums(closed: &[&Closure], key: impl Fn(&Closure) -> String) -> Sums {
    let mut sums = Sums::new();
    for closure in closed {
        let sum = sums.entry(key(closure)).or_default();
        sum.0 += 1;
        sum.1 += i64::from(closure.strict);
        sum.2 += i64::from(closure.wide);
    }
    sums
}

/// Closed tickets of a class, as the log has them, by slug.
pub async fn categories(t: &TestApp) -> BTreeMap<i64, String> {
    let rows = t.texts("SELECT CAST(id AS TEXT) || ' ' || slug FROM categories").await;
    rows.iter().map(|r| r.split_once(' ').unwrap()).map(|(id, slug)| (id.parse().unwrap(), slug.to_owned())).collect()
}

/// Compares them all over a period; days as `YYYY-MM-DD`.
pub async fn compare(t: &TestApp, ledger: &Ledger, counted: &BTreeMap<i64, Closure>, (from, to): (&str, &str)) {
    let closed: Vec<&Closure> = counted.values().filter(|c| (from..=to).contains(&c.day.as_str())).collect();
    let names = categories(t).await;
    let total = i64::try_from(closed.len()).unwrap();
    let api = t.api(Role::Admin).await;
    let desk = t.browser();
    let fields = [("login", "o.bressan@comune.valdoria.example"), ("password", demo::PASSWORD)];
    desk.post_form("/accesso", &fields).await.expect(303);
    let months = |c: &Closure| c.day[..7].to_owned();
    for (by, own) in [
        ("channel", sums(&closed, |c| c.channel.clone())),
        ("category", sums(&closed, |c| names.get(&c.category).cloned().unwrap_or_default())),
        ("unit", sums(&closed, |c| ledger.slugs[&c.unit].clone())),
        ("day", sums(&closed, |c| c.day.clone())),
        ("month", sums(&closed, months)),
    ] {
        let query = format!("from={from}&to={to}&by={by}");
        for source in ["kept", "log"] {
            let figure = api
                .get_json(&format!("/api/v1/supervision/closure-rate?{query}&source={source}"))
                .await
                .expect(200)
                .json();
            let rows: Sums = figure["rows"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| {
                    let of = |name: &str| r[name].as_i64().unwrap();
                    (r["key"].as_str().unwrap().to_owned(), (of("closed"), of("strict"), of("wide")))
                })
                .collect();
            assert_eq!(rows, own, "6: the API by {by} from {source}");
            assert_eq!(figure["total"]["closed"].as_i64().unwrap(), total, "6: the total by {by} from {source}");
        }
        let export = desk.get(&format!("/scrivania/supervisione.csv?{query}")).await.expect(200);
        let mut reader = csv::Reader::from_reader(export.body.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let number = |r: &csv::StringRecord, place: usize| r[place].parse::<i64>().unwrap();
        let exported: Sums = rows
            .iter()
            .take(rows.len() - 1)
            .map(|r| (r[0].to_owned(), (number(r, 2), number(r, 3), number(r, 4))))
            .collect();
        assert_eq!(exported, own, "6: the export by {by}");
    }
    let page = desk.get(&format!("/scrivania/supervisione?from={from}&to={to}&recount=1")).await.expect(200);
    assert!(page.has("Il riconteggio dal registro degli eventi"), "6: the page does not agree with its recount");
    for (id, own) in [
        ("channel", sums(&closed, |c| c.channel.clone())),
        ("category", sums(&closed, |c| names.get(&c.category).cloned().unwrap_or_default())),
    ] {
        // The rarest, whose lists are short, and one that goes over several pages.
        let mut rows: Vec<(&String, &(i64, i64, i64))> = own.iter().filter(|(key, _)| !key.is_empty()).collect();
        rows.sort_by_key(|(_, sum)| sum.0);
        for (key, sum) in rows.into_iter().take(LISTS) {
            for (which, number) in [("closed", sum.0), ("strict", sum.1), ("not_wide", sum.0 - sum.2)] {
                let path = format!("/scrivania/supervisione/pratiche?from={from}&to={to}&{id}={key}&which={which}");
                assert_eq!(listed(&desk, path.clone()).await, number, "6: the list behind a figure, {path}");
            }
        }
    }
}

/// Tickets of a list, page by page.
async fn listed(desk: &Browser, first: String) -> i64 {
    let (mut next, mut number) = (Some(first), 0);
    while let Some(path) = next {
        let page = desk.get(&path).await.expect(200);
        number += i64::try_from(page.body.matches("<th scope=\"row\">").count()).unwrap();
        let more = page
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|href| href.starts_with("/scrivania/supervisione/pratiche?") && href.contains("before="));
        next = more.map(|href| href.replace("&amp;", "&").replace("&#38;", "&"));
    }
    number
}

/// What a citizen sees of their request, by the sealed link of a mail: none of the words of the offices.
pub async fn citizens_see_nothing_internal(t: &TestApp, secret: &str) {
    let mails = t
        .texts("SELECT payload FROM outbox WHERE purpose IN ('reply', 'acknowledgement') AND payload LIKE '%/sportello/pratica/%' ORDER BY id DESC LIMIT 60")
        .await;
    let mut seen = 0;
    for mail in mails {
        let (_, after) = mail.split_once("/sportello/pratica/").unwrap();
        let path: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || "?=_-".contains(*c)).collect();
        let citizen = t.browser();
        // The key leaves the address at once: what follows is opened by its cookie.
        let opened = citizen.get(&format!("/sportello/pratica/{path}")).await;
        let page = citizen.get(opened.location()).await;
        if page.status == 200 {
            seen += 1;
            assert!(!page.has(secret), "5: {path} shows internal words");
        }
    }
    assert!(seen > 0, "no citizen could look");
}
