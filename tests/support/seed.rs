//! The small agency of tests: three units of its own, one of another body, five categories.
use sportello::kernel::permissions::Role;

use super::app::TestApp;

/// Password of every account that tests make.
pub const PASSWORD: &str = "una frase di prova";

const AGENCY: &str = "
INSERT INTO agencies (id, slug, name, kind, email) VALUES
    (1, 'comune', 'Comune di Prova', 'own', 'comune@example.it'),
    (2, 'asl', 'Azienda sanitaria di Prova', 'agency', 'asl@example.net');
INSERT INTO units (id, slug, agency_id, parent_id, name, name_en, kind, email) VALUES
    (1, 'contact-centre', 1, NULL, 'Sportello', 'Contact centre', 'entry_point', 'sportello@example.it'),
    (2, 'counter', 1, 1, 'Front office', 'Counter', 'collection_point', 'counter@example.it'),
    (3, 'anagrafe', 1, NULL, 'Anagrafe', 'Registry', 'back_office', 'anagrafe@example.it'),
    (4, 'asl-prevention', 2, NULL, 'Prevenzione', 'Prevention', 'back_office', 'prevenzione@example.net');
INSERT INTO categories (id, slug, parent_id, name, name_en, unit_id, position, not_competent) VALUES
    (1, 'anagrafe', NULL, 'Anagrafe', 'Registry', 3, 1, FALSE),
    (2, 'anagrafe/identity-card', 1, 'Carta di identità', 'Identity card', 3, 1, FALSE),
    (3, 'waste', NULL, 'Rifiuti', 'Waste', 1, 2, FALSE),
    (4, 'waste/bulky', 3, 'Ingombranti', 'Bulky waste', 1, 1, FALSE),
    (5, 'elsewhere', NULL, 'Altri enti', 'Other bodies', NULL, 3, TRUE);
";

/// Generated ids go on after the given ones on PostgreSQL only when told.
const POSTGRES_IDS: &str = "
SELECT setval(pg_get_serial_sequence('agencies', 'id'), 100);
SELECT setval(pg_get_serial_sequence('units', 'id'), 100);
SELECT setval(pg_get_serial_sequence('categories', 'id'), 100);
";

/// Puts the agency into the database.
pub async fn agency(app: &TestApp) {
    app.execute(AGENCY).await;
    if app.kernel.config.database.url.is_some() {
        app.execute(POSTGRES_IDS).await;
    }
}

/// Login of the account of a role.
pub fn login(role: Role) -> String {
    format!("{}@example.it", role.as_str())
}

/// Name of the person behind a login.
pub fn name(login: &str) -> String {
    let local = login.split('@').next().unwrap_or(login);
    format!("{}{} Prova", local[..1].to_uppercase(), &local[1..])
}

/// The units a role's account belongs to.
pub fn units(role: Role) -> &'static [&'static str] {
    match role {
        Role::Agent | Role::Supervisor | Role::Admin => &["contact-centre"],
        Role::Referent => &["anagrafe"],
        Role::Integration | Role::Body => &[],
    }
}
