//! The peers answer, can be stopped and come back.

use std::net::TcpStream;

use peers::{Agent, Dovecot, Durability, Kannel, Postgres, Smsc, Smtp, Telephone, carry};

#[test]
fn each_database_is_its_own() {
    let server = Postgres::start();
    let (one, two) = (server.fresh_database(), server.fresh_database());
    assert_ne!(one, two);
    let name = |url: &str| url.rsplit('/').next().map(str::to_owned).unwrap_or_default();
    server.sql(&name(&one), "CREATE TABLE t (a int)");
    assert_eq!(server.sql(&name(&two), "SELECT count(*) FROM pg_class WHERE relname = 't'"), "0");
    assert_eq!(server.sql("postgres", "SHOW max_connections"), "200");
}

#[test]
fn a_durable_server_waits_for_the_disk() {
    assert_eq!(Postgres::alone(Durability::Durable).sql("postgres", "SHOW fsync"), "on");
}

#[test]
fn mail_is_delivered_and_survives_a_restart() {
    let mut dovecot = Dovecot::start(&["urp"]);
    let count = |d: &Dovecot| d.doveadm(&["search", "-u", "urp@cc.test", "mailbox", "INBOX", "ALL"]).lines().count();
    dovecot.deliver("urp+token@cc.test", b"Subject: uno\n\nciao\n.\n");
    dovecot.stop();
    assert!(TcpStream::connect(("127.0.0.1", dovecot.imaps_port())).is_err());
    dovecot.resume();
    assert_eq!(count(&dovecot), 1);
    dovecot.recreate_mailbox("urp@cc.test");
    dovecot.deliver("urp@cc.test", b"Subject: due\n\nciao\n");
    assert_eq!(count(&dovecot), 1);
}

#[test]
fn a_submission_server_goes_down_and_up_on_its_port() {
    let dovecot = Dovecot::start(&["urp"]);
    let mut smtp = Smtp::start(&dovecot);
    smtp.stop();
    assert!(TcpStream::connect(("127.0.0.1", smtp.port())).is_err());
    smtp.resume();
    assert!(TcpStream::connect(("127.0.0.1", smtp.port())).is_ok());
    assert!(smtp.captured().is_empty());
}

#[test]
fn an_smsc_keeps_what_nobody_acknowledged() {
    let mut smsc = Smsc::start();
    smsc.deliver("+393331234567", "800123", 0, 0, b"ciao");
    smsc.stop();
    smsc.resume();
    assert_eq!(smsc.state()["undelivered"], 1);
}

#[test]
fn a_gateway_keeps_what_it_could_not_hand_over() {
    let mut kannel = Kannel::start("post-url = \"http://127.0.0.1:1/\"");
    kannel.stop_calling();
    kannel.receive("+393331234567", "800123", "text", "ciao");
    kannel.wait_until_stored();
    kannel.stop();
    kannel.resume();
}

#[test]
fn calls_whose_ringing_comes_after_the_answer_are_good_calls() {
    let telephone = Telephone::start(Agent::RingsTooLate);
    let carried = carry(2000, 64, "800123", telephone.port());
    assert_eq!((carried.completed, carried.setup.len()), (2000, 2000), "{}", carried.complaints);
}
