//! Whether a sheet promises the term that the offices agreed on: what citizens read and what the clock counts must not
//! contradict each other (D14).
use crate::clocks::book::Case;
use crate::clocks::{Book, PhaseRule, Subject, TermUnit};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::Page;
use crate::tickets;

/// What the protocol of a category says otherwise than a sheet that promises so many days, in words; empty when they
/// agree, or when one of them says nothing.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn contradiction(
    conn: &mut Conn,
    kernel: &Kernel,
    page: &Page,
    category: Option<i64>,
    promised: Option<u32>,
) -> Result<String, StoreError> {
    let Some(promised) = promised else { return Ok(String::new()) };
    let Some(unit) = tickets::store::unit_by_slug(conn, &kernel.config.desk.entry_unit).await? else {
        return Ok(String::new());
    };
    let book = Book::read(conn, &page.zone).await?;
    let case = Case { subject: Subject::Ticket, category, unit, began: page.now, known: page.now };
    let Some(protocol) = book.choose(case) else { return Ok(String::new()) };
    let rule = protocol.body.phases_of(Subject::Ticket).find(|phase| phase.kind.is_final());
    let Some(rule) = rule.filter(|rule| contradicts(i64::from(promised), rule)) else { return Ok(String::new()) };
    let values = [
        ("promised", page.t1("knowledge-term", "n", promised)),
        ("protocol", protocol.body.name.clone()),
        ("amount", page.t1(&format!("term-amount-{}", rule.unit.as_str().replace('_', "-")), "n", rule.amount)),
    ];
    Ok(page.language.text_with("knowledge-term-contradicts", &values))
}

/// Whether a promise of days cannot be the term of a protocol. So many working days are at least as many days, and never
/// twice as many.
const fn contradicts(promised: i64, rule: &PhaseRule) -> bool {
    match rule.unit {
        TermUnit::CalendarDays => promised != rule.amount,
        TermUnit::WorkingDays => promised < rule.amount || promised > rule.amount * 2,
        TermUnit::WorkingHours => promised * 24 < rule.amount,
        TermUnit::WorkingMinutes => promised * 24 * 60 < rule.amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clocks::{PhaseKind, Roll};

    #[test]
    fn days_are_the_same_days_and_working_days_are_more_of_them() {
        let against = |promised: i64, amount: i64, unit: TermUnit| {
            let rule = PhaseRule {
                subject: Subject::Ticket,
                kind: PhaseKind::Answer,
                amount,
                unit,
                roll: Roll::Stays,
                warn_percent: 0,
                waits: true,
                tells: false,
            };
            contradicts(promised, &rule)
        };
        assert!(!against(30, 30, TermUnit::CalendarDays));
        assert!(against(30, 40, TermUnit::CalendarDays) && against(30, 20, TermUnit::CalendarDays));
        assert!(!against(14, 10, TermUnit::WorkingDays) && !against(10, 10, TermUnit::WorkingDays));
        assert!(against(9, 10, TermUnit::WorkingDays) && against(30, 10, TermUnit::WorkingDays));
        assert!(!against(1, 8, TermUnit::WorkingHours) && against(1, 40, TermUnit::WorkingHours));
    }
}
