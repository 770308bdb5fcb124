//! Agencies and units as administrators and imports write them.
use sportello::kernel::database::Tx;
use sportello::kernel::time::Instant;
use sportello::network::organisation::{NewAgency, NewUnit, upsert_agency, upsert_unit};
use sportello::network::{AgencyKind, Directory, UnitKind, store};

use super::*;

fn unit(slug: &str, parent: Option<&str>, name: &str) -> NewUnit {
    NewUnit {
        slug: slug.to_owned(),
        agency: "provincia".to_owned(),
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        name_en: String::new(),
        kind: UnitKind::BackOffice,
        email: String::new(),
        valid_from: Instant(0),
        valid_to: None,
    }
}

async fn save(tx: &mut Tx, unit: &NewUnit) -> Result<i64, LegError> {
    upsert_unit(tx, unit, Actor::System, Instant(1)).await
}

on_each_engine! {
    async fn units_are_created_changed_and_never_put_below_themselves(t: TestApp) {
        let write = t.kernel.db.write(|tx| Box::pin(async move {
            let agency = NewAgency {
                slug: "provincia".to_owned(),
                name: "Provincia di Prova".to_owned(),
                kind: AgencyKind::Agency,
                email: "urp@provincia.example".to_owned(),
            };
            upsert_agency(tx, &agency, Actor::System, Instant(1)).await?;
            let roads = save(tx, &unit("viabilita", None, "Viabilità")).await?;
            let bridges = save(tx, &unit("ponti", Some("viabilita"), "Ponti")).await?;
            assert_eq!(save(tx, &unit("ponti", Some("viabilita"), "Ponti e gallerie")).await?, bridges);
            assert_eq!(store::units_below(tx, roads).await?, [roads, bridges].into());
            let wrong = save(tx, &unit("viabilita", Some("ponti"), "Viabilità")).await;
            assert!(matches!(wrong, Err(LegError::Invalid { field: "parent", wrong: "below_itself" })));
            let wrong = save(tx, &unit("viabilita", Some("nowhere"), "Viabilità")).await;
            assert!(matches!(wrong, Err(LegError::Invalid { field: "parent", wrong: "unknown" })));
            Ok::<_, LegError>(bridges)
        }));
        let bridges = write.await.unwrap();
        let units = Directory::default().units(&t.kernel.db).await.unwrap();
        let found = units.unit(bridges).unwrap();
        assert_eq!((found.name.as_str(), units.agency_name(bridges).as_str()), ("Ponti e gallerie", "Provincia di Prova"));
        assert!(units.is_external(found));
        assert!(t.event_kinds().await.iter().filter(|k| *k == "unit.changed").count() >= 4);
    }

    async fn a_unit_that_ended_receives_nothing_more(t: TestApp) {
        let code = ticket(&t).await;
        t.execute("UPDATE units SET valid_to = 5 WHERE slug = 'anagrafe'").await;
        let refused = send(&t, &code, "anagrafe", LegKind::Inquiry).await;
        assert!(matches!(refused, Err(LegError::Invalid { field: "unit", wrong: "unknown" })));
    }
}
