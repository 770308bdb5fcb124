//! SQL of the archive: one statement a table for thousands of tickets. Row ids are the tickets' numbers plus one.
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::time::Instant;
use crate::on;

/// Tickets to add.
pub struct Piece {
    /// Number of the first; the others follow.
    pub first: i64,
    /// Their codes, a JSON array.
    pub codes: String,
    /// Numbers below this are in work, the others closed.
    pub in_work: i64,
    pub now: Instant,
}

// What citizens write about, and where: by the remainders of a ticket's number. The engines differ in how they
// read a JSON array, and in nothing else.
macro_rules! texts {
    () => {
        "topic (k, subject, question, answer) AS (VALUES
            (0, 'Lampione spento', 'il lampione davanti al civico resta spento e la sera il marciapiede è buio', 'la segnalazione è stata passata alla ditta che cura l''illuminazione'),
            (1, 'Carta d''identità scaduta', 'la mia carta d''identità scade il mese prossimo e vorrei un appuntamento', 'può prenotare allo sportello anagrafe con una fotografia recente'),
            (2, 'Rifiuti non ritirati', 'il bidone della carta non è stato svuotato nemmeno questa settimana', 'il gestore ripassa entro due giorni lavorativi'),
            (3, 'Tassa rifiuti', 'mi è arrivata una bolletta della tassa rifiuti per una casa che ho venduto', 'serve copia dell''atto di vendita per correggere la posizione'),
            (4, 'Iscrizione al nido', 'vorrei sapere quando aprono le iscrizioni al nido comunale e quali documenti servono', 'le iscrizioni aprono il primo marzo e si fanno dal portale'),
            (5, 'Buca sulla strada', 'c''è una buca profonda che con la pioggia non si vede', 'la squadra di manutenzione interviene entro la settimana'),
            (6, 'Cambio di residenza', 'ho cambiato casa e vorrei registrare la nuova residenza per tutta la famiglia', 'la dichiarazione si invia dal portale con i documenti di tutti'),
            (7, 'Permesso di sosta', 'il mio permesso di sosta per residenti risulta scaduto ma ho già pagato', 'abbiamo trovato il pagamento e rinnovato il permesso'),
            (8, 'Cane smarrito', 'ho perso il mio cane vicino al parco, è piccolo e marrone con il collare rosso', 'abbiamo avvisato il canile sanitario e la polizia locale'),
            (9, 'Acqua torbida', 'da ieri l''acqua del rubinetto è torbida e ha un odore strano', 'il gestore del servizio idrico ha fatto un controllo e l''acqua è potabile'),
            (10, 'Certificato di nascita', 'mi serve un certificato di nascita in più lingue per l''estero', 'il certificato plurilingue si ritira allo sportello senza bollo')),
         street (k, name) AS (VALUES (0, 'via Roma'), (1, 'corso Garibaldi'), (2, 'via Verdi'), (3, 'piazza Dante'),
            (4, 'via dei Mille'), (5, 'viale Europa'), (6, 'via Mazzini'), (7, 'vicolo Stretto'), (8, 'via San Martino'),
            (9, 'largo Leopardi'), (10, 'via della Stazione'), (11, 'strada Vecchia'), (12, 'via Petrarca')),
         forename (k, name) AS (VALUES (0, 'Maria'), (1, 'Giuseppe'), (2, 'Anna'), (3, 'Antonio'), (4, 'Lucia'),
            (5, 'Mario'), (6, 'Sara'), (7, 'Luca'), (8, 'Elena'), (9, 'Paolo'), (10, 'Fatima'), (11, 'Wei'), (12, 'Olga')),
         surname (k, name) AS (VALUES (0, 'Rossi'), (1, 'Bianchi'), (2, 'Esposito'), (3, 'Ferrari'), (4, 'Russo'),
            (5, 'Romano'), (6, 'Colombo'), (7, 'Ricci'), (8, 'Marino'), (9, 'Greco'), (10, 'Conti'), (11, 'Gallo'),
            (12, 'Costa'), (13, 'Fontana'), (14, 'Moretti'), (15, 'Barbieri'), (16, 'Hoxha'), (17, 'Popescu')) "
    };
}

macro_rules! numbered {
    ($sql:expr) => {
        [
            concat!("WITH numbered (n, code) AS (SELECT $1 + key, value FROM json_each($2)), ", texts!(), $sql),
            concat!(
                "WITH numbered (n, code) AS (SELECT $1 + place - 1, code FROM json_array_elements_text($2::json)
                    WITH ORDINALITY AS listed (code, place)), ",
                texts!(),
                $sql
            ),
        ]
    };
}

const TABLES: [[&str; 2]; 8] = [
    // Every person has three tickets, half a minute before each other.
    numbered!(
        "INSERT INTO persons (id, name, created_at)
         SELECT n / 3 + 1, forename.name || ' ' || surname.name, $4 - n * 30000000
         FROM numbered JOIN forename ON forename.k = n / 3 % 13 JOIN surname ON surname.k = n / 3 % 18
         WHERE n % 3 = 0 AND $3 >= 0"
    ),
    numbered!(
        "INSERT INTO identifiers (person_id, kind, value, raw, created_at)
         SELECT n / 3 + 1, 'email', 'cittadino' || (n / 3) || '@posta.example', 'Cittadino' || (n / 3) || '@posta.example',
                $4 - n * 30000000
         FROM numbered WHERE n % 3 = 0 AND $3 >= 0"
    ),
    numbered!(
        "INSERT INTO tickets (id, code, version, state, subject, channel, kind, owner_unit_id, person_id, opened_at,
                touched_at, expected_at, resolved_at, closed_at, outcome)
         SELECT n + 1, code, CASE WHEN n < $3 THEN 1 ELSE 2 END,
                CASE WHEN n >= $3 THEN 'closed' WHEN n % 2 = 0 THEN 'new' ELSE 'open' END,
                topic.subject || ' in ' || street.name,
                CASE n % 4 WHEN 0 THEN 'email' WHEN 1 THEN 'web' WHEN 2 THEN 'phone' ELSE 'counter' END, 'information',
                (SELECT MIN(id) FROM units), n / 3 + 1, $4 - n * 30000000, $4 - n * 30000000,
                $4 - n * 30000000 + 2592000000000,
                CASE WHEN n >= $3 THEN $4 - n * 30000000 + 3600000000 END,
                CASE WHEN n >= $3 THEN $4 - n * 30000000 + 3600000000 END, CASE WHEN n >= $3 THEN 'answered' END
         FROM numbered JOIN topic ON topic.k = n % 11 JOIN street ON street.k = n / 11 % 13"
    ),
    numbered!(
        "INSERT INTO raw_items (id, channel, account, external_id, received_at, size, state)
         SELECT n + 1, 'email', 'archivio', 'archivio-' || n, $4 - n * 30000000, 600, 'done'
         FROM numbered WHERE $3 >= 0"
    ),
    numbered!(
        "INSERT INTO contacts (ticket_id, direction, channel, person_id, from_name, from_address, subject, body, public,
                raw_id, happened_at, created_at)
         SELECT n + 1, 'in', 'email', n / 3 + 1, '', 'cittadino' || (n / 3) || '@posta.example',
                topic.subject || ' in ' || street.name,
                'Buongiorno, in ' || street.name || ' al numero ' || (n % 211) || ' ' || topic.question
                || '. Ho già scritto il mese scorso, pratica interna ' || n || ', ma non ho avuto risposta. Grazie, cordiali saluti.',
                TRUE, n + 1, $4 - n * 30000000, $4 - n * 30000000
         FROM numbered JOIN topic ON topic.k = n % 11 JOIN street ON street.k = n / 11 % 13 WHERE $3 >= 0"
    ),
    numbered!(
        "INSERT INTO contacts (ticket_id, direction, channel, person_id, to_address, subject, body, public, happened_at,
                created_at)
         SELECT n + 1, 'out', 'email', n / 3 + 1, 'cittadino' || (n / 3) || '@posta.example', 'Re: ' || topic.subject,
                'Gentile cittadino, ' || topic.answer || '. Resta a disposizione lo sportello di ' || street.name || '.',
                TRUE, $4 - n * 30000000 + 3600000000, $4 - n * 30000000 + 3600000000
         FROM numbered JOIN topic ON topic.k = n % 11 JOIN street ON street.k = n / 11 % 13 WHERE n >= $3"
    ),
    numbered!(
        "INSERT INTO events (at, kind, ticket_id, actor, data)
         SELECT t.opened_at, 'ticket.opened', t.id, 'citizen',
                '{\"code\":\"' || t.code || '\",\"version\":1,\"channel\":\"' || t.channel || '\",\"to\":{\"state\":\"'
                || CASE WHEN t.state = 'closed' THEN 'new' ELSE t.state END
                || '\",\"unit\":' || t.owner_unit_id || ',\"assignee\":0}}'
         FROM numbered JOIN tickets t ON t.id = n + 1 WHERE $3 >= 0 AND $4 >= 0"
    ),
    numbered!(
        "INSERT INTO events (at, kind, ticket_id, actor, data)
         SELECT t.closed_at, 'ticket.closed', t.id, 'system',
                '{\"code\":\"' || t.code || '\",\"version\":2,\"channel\":\"' || t.channel
                || '\",\"category\":null,\"strict\":true,\"wide\":true,\"from\":{\"state\":\"new\",\"unit\":' || t.owner_unit_id
                || ',\"assignee\":0},\"to\":{\"state\":\"closed\",\"unit\":' || t.owner_unit_id || ',\"assignee\":0}}'
         FROM numbered JOIN tickets t ON t.id = n + 1 WHERE n >= $3 AND $4 >= 0"
    ),
];

/// Adds tickets with all that belongs to them.
pub async fn add(tx: &mut Tx, piece: &Piece) -> Result<(), StoreError> {
    for [sqlite, postgres] in TABLES {
        let sql = tx.pick(sqlite, postgres);
        on!(tx, c => sqlx::query(sql).bind(piece.first).bind(&piece.codes).bind(piece.in_work).bind(piece.now)
            .execute(c).await.map(drop))?;
    }
    Ok(())
}

/// Lets new rows get ids after those given here, and gathers the planner's statistics as a running database
/// does by itself in time.
pub async fn settle(tx: &mut Tx) -> Result<(), StoreError> {
    for table in ["persons", "tickets", "raw_items"] {
        // SQLite goes on after the highest id by itself.
        let sql = tx
            .pick("SELECT $1", "SELECT setval(pg_get_serial_sequence($1, 'id'), (SELECT MAX(id) FROM tickets))::text");
        on!(tx, c => sqlx::query(sql).bind(table).execute(c).await.map(drop))?;
    }
    on!(tx, c => sqlx::query("ANALYZE").execute(c).await.map(drop))?;
    Ok(())
}
