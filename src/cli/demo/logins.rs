//! What one needs to look at the demo: address, password, accounts.
use super::Loaded;
use super::data::DemoData;
use super::organisation::PASSWORD;
use crate::kernel::Kernel;
use crate::kernel::language::Language;

/// Address and logins as a table for the terminal, in the language of the installation.
///
/// # Errors
/// When the demo's files cannot be read.
pub fn logins_text(kernel: &Kernel, loaded: Loaded) -> anyhow::Result<String> {
    let data = DemoData::read()?;
    let language = Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian);
    let text = |key: &str| language.text(key);
    let title = match loaded {
        Loaded::Now => "demo-loaded",
        Loaded::Before => "demo-was-loaded",
    };
    let mut lines = vec![
        String::new(),
        format!("  {}", language.text_with(title, &[("town", data.organisation.town.name.clone())])),
        format!("  {}", text("demo-invented")),
        String::new(),
    ];
    let facts = [
        (text("demo-desk"), kernel.config.link("/scrivania")),
        (text("demo-citizens"), kernel.config.link("/sportello")),
        (text("demo-password"), format!("{PASSWORD}   {}", text("demo-password-note"))),
    ];
    lines.extend(columns(&facts.map(|(name, value)| vec![name, value])));
    lines.push(String::new());
    let mut table = vec![vec![text("demo-role"), text("demo-login"), text("demo-name")]];
    for role in ["admin", "supervisor", "agent", "referent"] {
        let people = data.organisation.users.iter().filter(|u| u.role == role);
        table.extend(people.map(|u| vec![text(&format!("role-{role}")), u.email.clone(), u.name.clone()]));
    }
    lines.extend(columns(&table));
    Ok(lines.join("\n") + "\n")
}

/// Rows with their cells below each other.
fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(n, cell)| format!("{cell:<w$}", w = width(n).unwrap_or(0)));
        format!("  {}", cells.collect::<Vec<_>>().join("   ").trim_end())
    };
    rows.iter().map(line).collect()
}
