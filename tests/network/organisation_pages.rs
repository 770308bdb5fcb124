//! The pages on which administrators change the organisation, and name who answers for a unit.
use super::*;

const HERE: &str = "/scrivania/organizzazione";

/// What the page hides in its form of confirmation.
fn hidden(page: &Answer, name: &str) -> String {
    let value = page.between(&format!("name=\"{name}\" value=\""), "\"").unwrap();
    value.replace("&#34;", "\"").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// Looks at a change and confirms it.
async fn confirmed(admin: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let shown = admin.post_form(&format!("{HERE}{path}"), fields).await.expect(200);
    let (plan, on, reason) = (hidden(&shown, "plan"), hidden(&shown, "on"), hidden(&shown, "reason"));
    let confirm = [("plan", plan.as_str()), ("on", &on), ("reason", &reason)];
    admin.post_form(&format!("{HERE}/cambi"), &confirm).await.expect(303);
    shown
}

on_each_engine! {
    async fn a_rename_a_split_and_a_merge_are_looked_at_and_confirmed_on_pages(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        assert!(admin.get(HERE).await.expect(200).has("Prevenzione"));
        let form = admin.get(&format!("{HERE}/strutture/anagrafe/modifica")).await.expect(200);
        assert!(form.has("value=\"Anagrafe\""));
        let renamed = [
            ("name", "Servizi demografici"), ("name_en", "Registry"), ("agency", "comune"), ("kind", "back_office"),
            ("parent", ""), ("email", "anagrafe@example.it"), ("scope", ""), ("reason", "Delibera 1"),
        ];
        let shown = confirmed(&admin, "/strutture/anagrafe/modifica", &renamed).await;
        assert!(shown.has("Anagrafe → Servizi demografici") && !shown.has("anagrafe@example.it"), "{}", shown.body);
        let unit = admin.get(&format!("{HERE}/strutture/anagrafe")).await.expect(200);
        assert!(unit.has("<h1>Servizi demografici</h1>") && unit.has("<strong>Anagrafe</strong>"), "its history stays");

        let split = [
            ("name_1", "Anagrafe"), ("name_2", "Carte di identità"), ("name_3", ""), ("reason", "Delibera 2"),
            ("category.anagrafe", "1"), ("category.anagrafe/identity-card", "2"),
        ];
        confirmed(&admin, "/strutture/anagrafe/dividi", &split).await;
        let competent = "SELECT u.slug FROM categories g JOIN units u ON u.id = g.unit_id WHERE g.id < 3 ORDER BY g.id";
        assert_eq!(t.texts(competent).await, ["anagrafe-2", "carte-di-identita"]);

        let merge = [("units", "anagrafe-2"), ("units", "carte-di-identita"), ("name", "Demografici"), ("reason", "Delibera 3")];
        confirmed(&admin, "/unisci", &merge).await;
        assert_eq!(t.texts(competent).await, ["demografici", "demografici"]);
        let old = admin.get(&format!("{HERE}/strutture/anagrafe")).await.expect(200);
        assert!(old.has(&format!("{HERE}/strutture/anagrafe-2")) && !old.has("/anagrafe/chiudi"), "what is over changes no more");
        assert!(admin.get(HERE).await.expect(200).has("Delibera 3"));
    }

    async fn a_change_for_a_day_to_come_is_shown_on_that_day_and_can_be_taken_back(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let on = t.kernel.now().plus(SignedDuration::from_hours(24 * 30)).day(&t.kernel.config.zone());
        let close = [("successor", "contact-centre"), ("on", on.as_str()), ("reason", "Delibera 9")];
        confirmed(&admin, "/strutture/counter/chiudi", &close).await;
        assert!(admin.get(HERE).await.expect(200).has("strutture/counter\""));
        assert!(!admin.get(&format!("{HERE}?on={on}")).await.expect(200).has("strutture/counter\""));
        let id = t.number("SELECT id FROM reorganisations").await;
        admin.post_form(&format!("{HERE}/cambi/{id}/annulla"), &[]).await.expect(303);
        assert!(admin.get(&format!("{HERE}?on={on}")).await.expect(200).has("strutture/counter\""));
    }

    async fn a_form_that_does_not_fit_says_why_and_keeps_what_was_written(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let path = format!("{HERE}/strutture/anagrafe/chiudi");
        let again = admin.post_form(&path, &[("successor", ""), ("reason", "Perché sì")]).await.expect(422);
        assert!(again.has("Manca: Chi prosegue il lavoro") && again.has("value=\"Perché sì\""));
        let past = [("successor", "counter"), ("reason", "Perché sì"), ("on", "2001-01-01")];
        assert!(admin.post_form(&path, &past).await.expect(422).has("la storia non si cambia"));
        assert_eq!(t.number("SELECT COUNT(*) FROM reorganisations").await, 0);
        t.sign_in(Role::Supervisor).await.get(HERE).await.expect(403);
    }

    async fn referents_are_named_and_their_absences_written_on_the_page_of_the_unit(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        let page = format!("{HERE}/strutture/anagrafe");
        let person = |name: &'static str, email: &'static str| [("name", name), ("email", email), ("rank", "operative")];
        let wrong = admin.post_form(&format!("{page}/referenti"), &person("Rita Levi", "")).await.expect(422);
        assert!(wrong.has("Manca: Indirizzo e-mail") && wrong.has("value=\"Rita Levi\""));
        admin.post_form(&format!("{page}/referenti"), &person("Rita Levi", "rita@example.it")).await.expect(303);
        admin.post_form(&format!("{page}/referenti"), &person("Ugo Bassi", "ugo@example.it")).await.expect(303);
        let id = async |name: &str| t.number(&format!("SELECT id FROM referents WHERE name = '{name}'")).await.to_string();
        let (rita, ugo) = (id("Rita Levi").await, id("Ugo Bassi").await);
        let today = t.kernel.now().day(&t.kernel.config.zone());
        let away = [("referent", rita.as_str()), ("away_from", &today), ("away_to", &today), ("substitute", &ugo)];
        admin.post_form(&format!("{page}/assenze"), &away).await.expect(303);
        assert!(admin.get(&page).await.expect(200).has("sostituisce Ugo Bassi"));
        let absence = t.number("SELECT id FROM absences").await;
        admin.post_form(&format!("{page}/assenze/{absence}/annulla"), &[]).await.expect(303);
        assert!(!admin.get(&page).await.expect(200).has("sostituisce Ugo Bassi"));
        admin.post_form(&format!("{page}/referenti/{rita}/termina"), &[]).await.expect(303);
        assert_eq!(t.number(&format!("SELECT COUNT(*) FROM referents WHERE id = {rita} AND valid_to IS NULL")).await, 0);
    }
}
