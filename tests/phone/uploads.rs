//! Messages of answering machines that cannot push.
use serde_json::json;

use super::centre::*;
use super::events::wav;
use crate::support::*;

const HERE: &str = "/scrivania/segreteria";

with_phone_on_each_engine! {
    async fn recordings_in_files_become_messages_to_be_called_back(t: TestApp) {
        // Monday morning: the machine of the weekend is emptied.
        t.clock.set("2026-03-09T08:30:00Z".parse::<jiff::Timestamp>().unwrap().into());
        let agent = t.sign_in(Role::Agent).await;
        assert!(agent.get(HERE).await.expect(200).has("Messaggi della segreteria"));
        let (first, second) = (wav(2), [b"OggS".as_slice(), &[0; 400]].concat());
        let files = [
            File { field: "files", name: "2026-03-07_2310_+393331234567.wav", media_type: "audio/wav", bytes: &first },
            File { field: "files", name: "vecchio.ogg", media_type: "audio/ogg", bytes: &second },
        ];
        let fields = [("from", "0862 123456"), ("at", "2026-03-06T20:00"), ("to", "800123")];
        let done = agent.post_files(HERE, &fields, &files).await.expect(303);
        assert!(agent.get(done.location()).await.expect(200).has("2 messaggi presi"));
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", 2).await;
        settle(&t).await;
        assert_eq!(t.texts("SELECT number || ' ' || due_at FROM callbacks ORDER BY number").await,
            ["+390862123456 1773043200000000", "+393331234567 1773043200000000"], "promised for Monday at nine");
        assert_eq!(t.texts("SELECT media_type FROM attachments ORDER BY media_type").await, ["audio/ogg", "audio/wav"]);
        assert_eq!(t.texts("SELECT called FROM calls ORDER BY id").await, ["+39800123", "+39800123"]);
        let page = agent.get(HERE).await.expect(200);
        let code = t.texts("SELECT code FROM tickets").await.remove(0);
        assert!(page.has(&format!("/scrivania/pratiche/{code}")) && page.has("+393331234567"), "{}", page.body);

        // Brought again they are known, and what is no sound says so without taking the rest along.
        let third = wav(1);
        let files = [
            File { field: "files", name: "2026-03-07_2310_+393331234567.wav", media_type: "audio/wav", bytes: &first },
            File { field: "files", name: "lettera.pdf", media_type: "application/pdf", bytes: b"%PDF-1.7" },
            File { field: "files", name: "nuovo.wav", media_type: "audio/wav", bytes: &third },
        ];
        let page = agent.post_files(HERE, &[("from", ""), ("at", ""), ("to", "")], &files).await.expect(422);
        assert!(page.has("Un messaggio preso") && page.has("+393331234567.wav: c’è già"), "{}", page.body);
        assert!(page.has("lettera.pdf: non è una registrazione"), "{}", page.body);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", 3).await;

        // Wrong values are named, and nothing is taken.
        for (from, at, fault) in [("pippo", "", "Numero"), ("", "2030-01-01T10:00", "Quando"), ("", "ieri", "Quando")] {
            let file = File { field: "files", name: "a.wav", media_type: "audio/wav", bytes: &wav(4) };
            let page = agent.post_files(HERE, &[("from", from), ("at", at), ("to", "")], &[file]).await.expect(422);
            assert!(page.has(fault), "{from} {at}: {}", page.body);
        }
        assert!(agent.post_files(HERE, &[("from", "")], &[]).await.expect(422).has("Scegli almeno un file"));
        assert_eq!(t.number("SELECT COUNT(*) FROM calls").await, 3);
        t.sign_in(Role::Referent).await.get(HERE).await.expect(403);
    }

    async fn a_program_brings_them_through_the_api_and_players_jump_within(t: TestApp) {
        let program = t.api(Role::Integration).await;
        let send = |query: &'static str, body: Vec<u8>| {
            let request = program.request(reqwest::Method::POST, &format!("/api/v1/voicemails?{query}")).body(body);
            program.send(request)
        };
        let query = "from=%2B393331234567&at=2026-03-01T10%3A00%3A00Z";
        let first = send(query, wav(2)).await.expect(201).json();
        let again = send(query, wav(2)).await.expect(200).json();
        assert_eq!((&again["call"], &again["known"]), (&first["call"], &json!(true)));
        send("from=x", wav(3)).await.expect(422);
        send("at=2036-01-01T00:00:00Z", wav(3)).await.expect(422);
        send("", b"hello".to_vec()).await.expect(422);
        send("", vec![0; (16 << 20) + 1]).await.expect(413);
        wait_for(&t, "SELECT COUNT(*) FROM contacts WHERE channel = 'voicemail'", 1).await;

        let agent = t.sign_in(Role::Agent).await;
        let source = format!("/scrivania/allegati/{}", t.number("SELECT id FROM attachments").await);
        let request = agent.request(reqwest::Method::GET, &source).header("range", "bytes=0-3");
        let part = agent.send(request).await.expect(206);
        assert_eq!((part.body.as_str(), part.header("content-type")), ("RIFF", "audio/wav"));
    }
}
