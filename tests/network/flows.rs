//! The page of the network: who sends to whom, and the legs behind each number.
use super::*;

const HERE: &str = "/scrivania/supervisione/rete";

on_each_engine! {
    async fn each_number_of_the_network_opens_its_legs(t: TestApp) {
        let code = ticket(&t).await;
        let (_, first) = send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        send(&t, &code, "asl-prevention", LegKind::Inquiry).await.unwrap();
        let (_, third) = send(&t, &code, "anagrafe", LegKind::Inquiry).await.unwrap();
        t.clock.advance(SignedDuration::from_hours(10));
        mail(&t, &first, "Fatto.", None).await;
        t.clock.advance(SignedDuration::from_hours(20));
        mail(&t, &third, "Fatto anche questo.", None).await;
        t.clock.advance(SignedDuration::from_hours(24 * 40));

        let api = t.api(Role::Supervisor).await;
        let found = api.get_json("/api/v1/supervision/network").await.expect(200).json();
        let flow = |unit: &str| found["flows"].as_array().unwrap().iter().find(|f| f["unit"] == unit).unwrap().clone();
        let (ours, theirs) = (flow("anagrafe"), flow("asl-prevention"));
        assert_eq!((ours["sender"].as_str(), ours["sent"].as_i64(), ours["answered"].as_i64()), (Some("contact-centre"), Some(2), Some(2)));
        assert_eq!(ours["median_hours"], 20.0, "half way between ten and thirty hours");
        assert_eq!((theirs["waiting"].as_i64(), theirs["overdue"].as_i64()), (Some(1), Some(1)));
        assert_eq!(theirs["agency"], "Azienda sanitaria di Prova");
        assert_eq!((found["total"]["sent"].as_i64(), found["total"]["overdue"].as_i64()), (Some(3), Some(1)));

        let supervisor = t.sign_in(Role::Supervisor).await;
        let page = supervisor.get(HERE).await.expect(200);
        assert!(page.has("<svg viewBox") && page.has("Prevenzione") && page.has("20,0 ore") && !page.has("style="));
        let list = |query: &str| format!("{HERE}/invii?{query}");
        let overdue = supervisor.get(&list("which=overdue&sender=contact-centre&receiver=asl-prevention")).await.expect(200);
        assert!(overdue.has(&format!("/scrivania/pratiche/{code}")) && overdue.has("/2</a>") && !overdue.has("/1</a>"));
        let answered = supervisor.get(&list("which=answered")).await.expect(200);
        assert!(answered.has("/1</a>") && answered.has("/3</a>") && !answered.has("/2</a>"));
        assert!(page.has("which=overdue&amp;sender=contact-centre&amp;receiver=asl-prevention") || page.has("which=overdue&#38;sender=contact-centre&#38;receiver=asl-prevention"), "{}", page.body);
        let csv = supervisor.get(&format!("{HERE}.csv")).await.expect(200);
        assert_eq!(csv.body.lines().count(), 4, "headings, two flows and their sum");
        assert!(supervisor.get(&format!("{HERE}?unit=counter")).await.expect(200).has("Nessun invio"));
        t.sign_in(Role::Agent).await.get(HERE).await.expect(403);
    }

    async fn who_sent_a_leg_stays_who_owned_the_request_then(t: TestApp) {
        let code = ticket(&t).await;
        send(&t, &code, "anagrafe", LegKind::Competence).await.unwrap();
        t.execute("UPDATE tickets SET owner_unit_id = 2").await;
        let found = t.api(Role::Supervisor).await.get_json("/api/v1/supervision/network?unit=contact-centre").await.expect(200);
        assert_eq!(found.json()["flows"][0]["sender"], "contact-centre");
        assert_eq!(t.api(Role::Supervisor).await.get_json("/api/v1/supervision/network?unit=nessuna").await.status, 422);
    }
}
