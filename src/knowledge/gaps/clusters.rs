//! Tickets that ask the same, put together by their words. No I/O.
use std::collections::{BTreeMap, HashMap};

use knowledge_base::Lang;
use knowledge_base::precedents::Precedents;

use super::estimate::Closed;
use super::words;
use crate::kernel::language::Language;

/// A ticket that was answered without a sheet.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Unanswered {
    pub ticket_id: i64,
    pub code: String,
    pub category_id: i64,
    pub front: bool,
    pub language: String,
    pub subject: String,
    /// What the citizen wrote first, its beginning.
    pub body: String,
    /// Whether somebody answered it in writing or by voice, so that a draft can begin from it.
    pub answered: bool,
}

/// Tickets of one category that ask the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    pub category_id: i64,
    /// What they have in common, the most frequent first; empty for what is left of a category.
    pub words: Vec<String>,
    pub closed: Closed,
    /// Row ids, the latest first.
    pub tickets: Vec<i64>,
    /// Code of the ticket that a draft best begins from; empty when nobody answered any.
    pub example: String,
}

/// Texts at least so much alike ask the same.
const LIKE: f32 = 0.2;
/// Fewer tickets are no pattern.
const FEWEST: usize = 3;
/// Words that name a cluster.
const WORDS: usize = 3;

/// Puts tickets together that ask the same; those that come alone are together what is left of their category. In the
/// order of the categories.
pub fn clusters(tickets: &[Unanswered]) -> Vec<Cluster> {
    let mut of_category: BTreeMap<i64, Vec<&Unanswered>> = BTreeMap::new();
    for ticket in tickets {
        of_category.entry(ticket.category_id).or_default().push(ticket);
    }
    let mut all = Vec::new();
    for (category, tickets) in of_category {
        let mut rest = Vec::new();
        for group in groups(&tickets) {
            if group.len() >= FEWEST {
                let words = common(&group);
                all.push(cluster(category, words, group));
            } else {
                rest.extend(group);
            }
        }
        if rest.len() >= FEWEST {
            rest.sort_by_key(|t| std::cmp::Reverse(t.ticket_id));
            all.push(cluster(category, Vec::new(), rest));
        }
    }
    all
}

/// Each ticket goes to the group of the one most like it, or begins one.
fn groups<'a>(tickets: &[&'a Unanswered]) -> Vec<Vec<&'a Unanswered>> {
    let lang = |ticket: &Unanswered| Lang::from_code(&ticket.language).unwrap_or(Lang::It);
    // All are learnt first, so that rarity is known when the first is compared.
    let mut known = Precedents::new(tickets.len().max(1));
    let text = |ticket: &Unanswered| format!("{}\n{}\n{}", ticket.subject, ticket.subject, ticket.body);
    for (place, ticket) in (0_i64..).zip(tickets) {
        known.learn(place, &text(ticket), lang(ticket));
    }
    let mut group_of: HashMap<i64, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Unanswered>> = Vec::new();
    for (place, ticket) in (0_i64..).zip(tickets) {
        let like = known.similar(&text(ticket), lang(ticket), tickets.len().min(20));
        let joined = like
            .iter()
            .filter(|similar| similar.likeness >= LIKE)
            .find_map(|similar| group_of.get(&similar.id).copied());
        let group = joined.unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        group_of.insert(place, group);
        groups[group].push(ticket);
    }
    groups
}

/// The words that most of a group's subjects have, else its texts.
fn common(group: &[&Unanswered]) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for ticket in group {
        let language = Language::from_tag(&ticket.language).unwrap_or(Language::Italian);
        let subject = words::normal(&ticket.subject, language).unwrap_or_default();
        let beginning: String = ticket.body.chars().take(200).collect();
        let body = words::normal(&beginning, language).unwrap_or_default();
        let of_subject = subject.split(' ').filter(|w| !w.is_empty()).map(|w| (w, 2));
        let of_body = body.split(' ').filter(|w| !w.is_empty() && !subject.contains(*w)).map(|w| (w, 1));
        for (word, weight) in of_subject.chain(of_body) {
            *counts.entry(word.to_owned()).or_default() += weight;
        }
    }
    let mut counted: Vec<(String, usize)> = counts.into_iter().filter(|(_, n)| *n > 1).collect();
    counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counted.into_iter().take(WORDS).map(|(word, _)| word).collect()
}

fn cluster(category_id: i64, words: Vec<String>, tickets: Vec<&Unanswered>) -> Cluster {
    let all = i64::try_from(tickets.len()).unwrap_or(i64::MAX);
    let front = i64::try_from(tickets.iter().filter(|t| t.front).count()).unwrap_or(i64::MAX);
    // What an office answered is what the front office could not.
    let mut answered: Vec<&&Unanswered> = tickets.iter().filter(|t| t.answered).collect();
    answered.sort_by_key(|t| (t.front, std::cmp::Reverse(t.ticket_id)));
    let example = answered.first().map(|t| t.code.clone()).unwrap_or_default();
    let mut ids: Vec<i64> = tickets.iter().map(|t| t.ticket_id).collect();
    ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
    Cluster { category_id, words, closed: Closed { all, front }, tickets: ids, example }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(id: i64, category: i64, front: bool, subject: &str, body: &str) -> Unanswered {
        Unanswered {
            ticket_id: id,
            code: format!("T{id}"),
            category_id: category,
            front,
            language: "it".to_owned(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            answered: id != 4,
        }
    }

    #[test]
    fn tickets_that_ask_the_same_are_together_and_named_by_their_words() {
        let tickets = [
            ticket(1, 7, true, "Bonus monopattino", "vorrei il bonus per il monopattino elettrico"),
            ticket(2, 7, false, "monopattino elettrico", "esiste un bonus per chi compra un monopattino?"),
            ticket(3, 7, true, "Colonnina di ricarica", "dove ricarico la macchina?"),
            ticket(4, 7, false, "Bonus per il monopattino", "come si chiede il bonus del monopattino"),
            ticket(5, 8, false, "Bonus monopattino", "un'altra classe"),
        ];
        let found = clusters(&tickets);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].tickets, [4, 2, 1]);
        assert_eq!(found[0].closed, Closed { all: 3, front: 1 });
        assert_eq!(found[0].words[..2], ["monopattino".to_owned(), "bonus".to_owned()]);
        assert_eq!(found[0].example, "T2", "what an office answered comes first, if anybody did");
    }

    #[test]
    fn what_comes_alone_is_what_is_left_of_its_category() {
        let one = |id, subject: &str| ticket(id, 7, true, subject, "");
        let tickets = [one(1, "Colonnina elettrica"), one(2, "Orto urbano"), one(3, "Coro comunale")];
        let found = clusters(&tickets);
        assert_eq!((found.len(), found[0].words.len(), found[0].closed.all), (1, 0, 3));
        assert!(clusters(&tickets[..2]).is_empty(), "two are no pattern");
    }
}
