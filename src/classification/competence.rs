//! Who is competent for what is not ours: the notice of a class, with the body behind its unit and how to reach it.
use super::store;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;

/// What a citizen is told of a category that is not of our competence; empty when it says nothing and names nobody.
///
/// The notice is that of the category or of the nearest one above that has one; the body is the agency of its competent
/// unit, if that is not ourselves.
///
/// # Errors
/// When the database cannot be read.
pub async fn notice(conn: &mut Conn, category: i64, language: Language) -> Result<String, StoreError> {
    let (_, taxonomy) = store::chain(conn, category).await?;
    let mut nodes = taxonomy.categories.iter().rev();
    let text = nodes.find_map(|node| Some(node.details.notice_in(language)).filter(|text| !text.trim().is_empty()));
    let mut lines: Vec<String> = text.map(|text| text.trim().to_owned()).into_iter().collect();
    if let Some((agency, unit, email)) = store::other_body(conn, category).await? {
        let who = if unit == agency || unit.is_empty() { agency } else { format!("{agency}, {unit}") };
        lines.push(language.text_with("competence-body", &[("body", who)]));
        if !email.is_empty() {
            lines.push(language.text_with("competence-contact", &[("email", email)]));
        }
    }
    Ok(lines.join("\n"))
}
