//! Agencies and units as administrators and imports write them.
use sportello::kernel::database::Tx;
use sportello::kernel::time::Instant;
use sportello::organisation::referents::{self, NewAbsence, NewReferent, recipients};
use sportello::organisation::{
    AgencyKind, Directory, NewAgency, NewUnit, OrganisationError, Rank, UnitKind, store, upsert_agency, upsert_unit,
};

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
        scope: String::new(),
        valid_from: Instant(0),
        valid_to: None,
    }
}

const DAY: i64 = 86_400_000_000;

fn referent(unit_id: i64, rank: Rank, name: &str, email: &str) -> NewReferent {
    let (name, email, phone) = (name.to_owned(), email.to_owned(), String::new());
    NewReferent { unit_id, user_id: None, name, email, phone, rank, valid_from: Instant(0), valid_to: None }
}

async fn save(tx: &mut Tx, unit: &NewUnit) -> Result<i64, OrganisationError> {
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
            assert!(matches!(wrong, Err(OrganisationError::Invalid { field: "parent", wrong: "below_itself" })));
            let wrong = save(tx, &unit("viabilita", Some("nowhere"), "Viabilità")).await;
            assert!(matches!(wrong, Err(OrganisationError::Invalid { field: "parent", wrong: "unknown" })));
            Ok::<_, OrganisationError>(bridges)
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

    async fn who_stands_in_is_told_while_a_referent_is_away_and_the_unit_above_where_none_is_named(t: TestApp) {
        let (counter, account, days) = (t.unit("counter").await, t.user(Role::Agent).await, |n| t.kernel.now().0 + n * DAY);
        let (now, later) = (Instant(days(0)), Instant(days(5)));
        let (today, end) = (now, Instant(days(3)));
        let write = t.kernel.db.write(move |tx| Box::pin(async move {
            let mut new = referent(1, Rank::Operative, "Rita", "rita@example.it");
            let rita = referents::save(tx, None, &new, Actor::System, now).await?;
            new = NewReferent { name: "Ugo".to_owned(), user_id: Some(account), email: String::new(), ..new };
            let ugo = referents::save(tx, None, &new, Actor::System, now).await?;
            let away = NewAbsence {
                referent_id: rita, from_at: today, to_at: end, substitute_id: Some(ugo), reason: "ferie".to_owned(),
            };
            referents::be_absent(tx, &away, Actor::System, now).await?;
            let oneself = NewAbsence { substitute_id: Some(rita), ..away.clone() };
            let wrong = referents::be_absent(tx, &oneself, Actor::System, now).await;
            assert!(matches!(wrong, Err(OrganisationError::Invalid { field: "substitute", .. })));
            let nobody = NewReferent { user_id: None, ..new };
            let wrong = referents::save(tx, None, &nobody, Actor::System, now).await;
            assert!(matches!(wrong, Err(OrganisationError::Invalid { field: "email", wrong: "missing" })));
            Ok::<_, OrganisationError>((rita, ugo))
        }));
        let (rita, ugo) = write.await.unwrap();
        let mut conn = t.kernel.db.read().await.unwrap();
        let told = recipients(&mut conn, counter, Rank::Operative, now).await.unwrap();
        assert_eq!(told.iter().map(|r| r.id).collect::<Vec<_>>(), [ugo]);
        assert_eq!((told[0].user_id, told[0].email.as_str()), (Some(account), "agent@example.it"));
        let told = recipients(&mut conn, counter, Rank::Operative, later).await.unwrap();
        assert_eq!(told.iter().map(|r| r.id).collect::<Vec<_>>(), [rita, ugo]);
        assert!(recipients(&mut conn, counter, Rank::Director, now).await.unwrap().is_empty());
        drop(conn);
        t.execute(&format!("UPDATE users SET disabled_at = 1 WHERE id = {account}")).await;
        let mut conn = t.kernel.db.read().await.unwrap();
        let told = recipients(&mut conn, counter, Rank::Operative, now).await.unwrap();
        assert_eq!(told.iter().map(|r| r.id).collect::<Vec<_>>(), [rita], "a disabled account stands in for nobody");
    }

    async fn programs_name_referents_and_write_when_they_are_away(t: TestApp) {
        let api = t.api(Role::Admin).await;
        let made = async |body: serde_json::Value| {
            api.post_json("/api/v1/units/anagrafe/referents", &body).await.expect(201).json()["id"].as_i64().unwrap()
        };
        let rita = made(json!({ "name": "Rita", "email": "rita@example.it", "rank": "executive" })).await;
        let ugo = made(json!({ "name": "Ugo", "email": "ugo@example.it", "rank": "executive" })).await;
        let (from, to) = (t.kernel.now().rfc3339(), t.kernel.now().plus(SignedDuration::from_hours(24)).rfc3339());
        let away = json!({ "from": from, "to": to, "substitute": ugo });
        let path = format!("/api/v1/referents/{rita}/absences");
        let absence = api.post_json(&path, &away).await.expect(201).json()["id"].as_i64().unwrap();
        let list = api.get("/api/v1/units/anagrafe/referents").await.expect(200).json();
        let found = list.as_array().unwrap().iter().find(|r| r["id"] == rita).unwrap();
        assert_eq!((&found["absences"][0]["substitute"], &found["rank"]), (&json!(ugo), &json!("executive")));
        api.post_json(&format!("/api/v1/absences/{absence}/end"), &json!({})).await.expect(204);
        api.post_json(&format!("/api/v1/referents/{rita}/end"), &json!({})).await.expect(204);
        api.post_json(&format!("/api/v1/referents/{rita}/end"), &json!({})).await.expect(404);
        let nobody = json!({ "name": "Nessuno", "rank": "director" });
        api.post_json("/api/v1/units/anagrafe/referents", &nobody).await.expect(422);
        t.api(Role::Integration).await.get("/api/v1/units/anagrafe/referents").await.expect(403);
    }
}
