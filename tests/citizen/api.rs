//! The form and the look-up for programs.
use crate::support::*;

const PATH: &str = "/api/v1/public/requests";

fn request() -> serde_json::Value {
    json!({ "kind": "information", "category": "anagrafe/identity-card", "text": "Quanto costa la carta?",
        "name": "Marta Neri", "email": "marta.neri@example.org", "phone": "333 1234567", "privacy_accepted": true })
}

on_each_engine! {
    async fn a_program_sends_a_request_and_asks_for_its_state(t: TestApp) {
        let program = t.browser();
        let made = program.post_json(PATH, &request()).await.expect(201).json();
        let code = made["code"].as_str().unwrap().to_owned();
        assert_eq!(made, json!({ "code": code }));
        let state = program.get_json(&format!("{PATH}/{code}")).await.expect(200);
        let shown = state.json();
        assert_eq!((shown["state"].as_str(), shown["state_text"].as_str()), (Some("new"), Some("Ricevuta")));
        let mut keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["expected_at", "opened_at", "state", "state_text", "updated_at"], "nothing personal");
        let dashed = format!("{}-{}-{}", &code[..3], &code[3..6], &code[6..]).to_lowercase();
        program.get_json(&format!("{PATH}/{dashed}")).await.expect(200);

        let anonymous = json!({ "kind": "report", "text": "Lampione spento", "privacy_accepted": true });
        program.post_json(PATH, &anonymous).await.expect(201);
        assert_eq!(t.number("SELECT COUNT(*) FROM persons").await, 1);
    }

    async fn values_that_are_not_acceptable_are_named(t: TestApp) {
        let program = t.browser();
        let wrong = [
            ("kind", json!("wish")), ("category", json!("no/such")), ("text", json!(" ")), ("email", json!("marta@")),
            ("phone", json!("abc")), ("privacy_accepted", json!(false)),
        ];
        for (field, value) in wrong {
            let mut body = request();
            body[field] = value;
            let problem = program.post_json(PATH, &body).await.expect(422);
            assert_eq!(problem.header("content-type"), "application/problem+json");
            assert_eq!(problem.json()["errors"][0]["field"], field);
        }
        let mut body = request();
        body["colour"] = json!("red");
        program.post_json(PATH, &body).await.expect(422);
        let broken = program.request(reqwest::Method::POST, PATH).header("content-type", "application/json").body("{");
        assert_eq!(broken.send().await.unwrap().status(), 400);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0);
    }

    async fn a_key_names_a_request_once(t: TestApp) {
        let send = async |key: &str, body: serde_json::Value| {
            let call = t.browser().request(reqwest::Method::POST, PATH).header("idempotency-key", key).json(&body);
            let answer = call.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
        };
        let first = send("one", request()).await;
        assert_eq!(first.0, 201);
        assert_eq!(send("one", request()).await, first);
        let mut other = request();
        other["text"] = json!("Un'altra cosa");
        let reused = send("one", other.clone()).await;
        assert_eq!((reused.0, reused.1["code"].as_str()), (422, Some("idempotency_key_reused")));
        assert_ne!(send("two", other).await.1["code"], first.1["code"]);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 2);
    }

    async fn guesses_get_one_answer_and_a_limit(t: TestApp) {
        let program = t.browser();
        let code = program.post_json(PATH, &request()).await.expect(201).json()["code"].as_str().unwrap().to_owned();
        let absent = sportello::kernel::codes::TrackingCode::from_bits(99).as_str().to_owned();
        let missing = program.get_json(&format!("{PATH}/{absent}")).await.expect(404);
        let mistyped = program.get_json(&format!("{PATH}/ABC")).await.expect(404);
        assert_eq!(missing.body, mistyped.body);
        for _ in 0..18 {
            program.get_json(&format!("{PATH}/{absent}")).await.expect(404);
        }
        let limited = program.get_json(&format!("{PATH}/{code}")).await.expect(429);
        assert_eq!(limited.header("ratelimit"), "\"lookups\";r=0;t=30");
        assert_eq!(limited.header("ratelimit-policy"), "\"lookups\";q=20;w=600");
        assert_eq!(limited.header("retry-after"), "30");
        assert_eq!(limited.json()["code"], "too_many");
    }

    async fn the_contract_is_in_the_document(t: TestApp) {
        let document = t.browser().get_json("/api/v1/openapi.json").await.expect(200).json();
        assert!(document["paths"]["/api/v1/public/requests"]["post"].is_object());
        assert!(document["paths"]["/api/v1/public/requests/{code}"]["get"].is_object());
    }
}
