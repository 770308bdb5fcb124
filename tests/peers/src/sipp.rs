//! Telephones: callers and agents, played by sipp.

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{Server, free_port, open_directory, program, write};

/// What a caller does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Talks for some milliseconds, then hangs up; with a tone of 400 Hz, since somebody may record it.
    Talks(u32),
    /// Waits until the other end hangs up.
    Listens,
    /// The same, and is asked to call somebody else before.
    IsTransferred,
    /// Hears this provisional code (180 ringing, 182 queued), and gives up some milliseconds later.
    GivesUp(u16, u32),
    /// Expects to be refused with this code.
    IsRefused(u16),
}

/// What an agent's telephone, or a machine in its place, does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// Answers after ringing for a while.
    Answers,
    /// Answers and hangs up some milliseconds later.
    HangsUp(u32),
    /// Answers, asks the caller some milliseconds later to call `sip:9@cc.test`, and hangs up.
    Transfers(u32),
    /// Refuses with 486.
    IsBusy,
    /// Rings until the caller or the edge gives up.
    Rings,
    /// Plays the announcement of a queue before the call is answered; refuses calls that name none.
    Announces,
    /// Answers at once, any number of calls.
    AnswersAtOnce,
    /// The same, but its ringing comes after its answer, and each twice.
    RingsTooLate,
}

/// A caller at work.
#[derive(Debug)]
pub struct Call {
    child: Child,
    dir: TempDir,
}

impl Call {
    /// Calls a number at the edge on `port`.
    ///
    /// # Panics
    /// When sipp is not installed.
    #[must_use]
    pub fn place(caller: Caller, number: &str, port: u16) -> Self {
        let dir = open_directory();
        let tone: Vec<u8> = [[0x85; 10], [0x05; 10]].concat().repeat(400);
        write(&dir.path().join("tone.al"), tone);
        let mut command = sipp(&caller.scenario(dir.path()), free_port(), dir.path());
        command.args(["-s", number, "-m", "1", &format!("127.0.0.1:{port}")]);
        let errors = std::fs::File::create(dir.path().join("out")).map_or_else(|_| Stdio::null(), Stdio::from);
        let child = command.stdin(Stdio::null()).stdout(errors).stderr(Stdio::null()).spawn();
        Self { child: child.unwrap_or_else(|e| panic!("sipp does not start: {e}")), dir }
    }

    /// Waits until the call went as the caller expects.
    ///
    /// # Panics
    /// When it did not, or takes longer than ninety seconds.
    pub fn wait(mut self) {
        let start = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return,
                Ok(None) if start.elapsed() < Duration::from_secs(90) => sleep(Duration::from_millis(20)),
                other => {
                    let _gone = self.child.kill();
                    let said = std::fs::read_to_string(self.dir.path().join("errors")).unwrap_or_default();
                    panic!("the call did not go as expected ({other:?}): {said}");
                }
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _collected = self.child.wait();
    }
}

/// A telephone that waits for calls.
#[derive(Debug)]
pub struct Telephone {
    _dir: TempDir,
    _server: Server,
    port: u16,
}

impl Telephone {
    /// Puts a telephone on the desk.
    ///
    /// # Panics
    /// When sipp is not installed or does not start.
    #[must_use]
    pub fn start(agent: Agent) -> Self {
        let dir = open_directory();
        let port = free_port();
        let mut command = sipp(&agent.scenario(), port, dir.path());
        let log = dir.path().join("log");
        let server = Server::start(&mut command, &log, dir.path());
        let start = Instant::now();
        while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            assert!(start.elapsed() < Duration::from_secs(20), "sipp does not listen: {log:?}");
            sleep(Duration::from_millis(20));
        }
        Self { _dir: dir, _server: server, port }
    }

    /// Where it listens, on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Its address.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("sip:agent@127.0.0.1:{}", self.port)
    }
}

pub(crate) fn sipp(steps: &str, port: u16, dir: &Path) -> Command {
    let scenario = dir.join("scenario.xml");
    write(
        &scenario,
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<scenario name=\"test\">{steps}</scenario>"),
    );
    let mut command = Command::new(program(&["/usr/bin/sipp"], "sip-tester"));
    command.arg("-sf").arg(scenario).args(["-i", "127.0.0.1", "-p", &port.to_string(), "-nostdin", "-trace_err"]);
    command.arg("-error_file").arg(dir.join("errors")).args(["-mp", &free_port().to_string()]);
    // On a busy machine a «ringing» overtaken by its «answered» is no reason to hang up; what is awaited must come.
    command.args(["-default_behaviors", "all,-abortunexp"]);
    command
}

pub(crate) const CALLER: &str = "From: \"Mario\" <sip:+393331234567@[local_ip]:[local_port]>;tag=[pid]c[call_number]";

pub(crate) const SDP: &str = "Content-Type: application/sdp\nContent-Length: [len]\n
v=0\no=u 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 8\na=rtpmap:8 PCMA/8000\n";

pub(crate) fn send(message: &str) -> String {
    format!("<send retrans=\"500\"><![CDATA[\n{message}\n]]></send>")
}

/// A request of the caller; within a call it follows the route that the answer showed.
pub(crate) fn request(method: &str, number: u8, within: bool, rest: &str) -> String {
    let (to, routes, tag) =
        if within { ("[next_url]", "[routes]\n", "[peer_tag_param]") } else { ("sip:[service]@cc.test", "", "") };
    let body = if rest.is_empty() { "Content-Length: 0\n" } else { rest };
    format!(
        "{method} {to} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n{routes}{CALLER}\n\
         To: <sip:[service]@cc.test>{tag}\nCall-ID: [call_id]\nCSeq: {number} {method}\n\
         Contact: <sip:caller@[local_ip]:[local_port]>\nMax-Forwards: 70\n{body}"
    )
}

/// A request that belongs to the transaction of the INVITE.
fn same_transaction(method: &str) -> String {
    format!(
        "{method} sip:[service]@cc.test SIP/2.0\n[last_Via:]\n{CALLER}\nTo: <sip:[service]@cc.test>\n\
         Call-ID: [call_id]\nCSeq: 1 {method}\nMax-Forwards: 70\nContent-Length: 0\n"
    )
}

fn answer(status: &str, tag: bool, rest: &str) -> String {
    let tag = if tag { ";tag=[pid]s[call_number]" } else { "" };
    let body = if rest.is_empty() { "Content-Length: 0\n" } else { rest };
    format!(
        "SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n\
         [last_Record-Route:]\nContact: <sip:agent@[local_ip]:[local_port]>\n{body}"
    )
}

pub(crate) fn receive(status: u16, attributes: &str) -> String {
    format!("<recv response=\"{status}\" {attributes}/>")
}

pub(crate) fn optional(statuses: &[u16]) -> String {
    statuses.iter().map(|status| receive(*status, "optional=\"true\"")).collect()
}

/// Under load an ACK may get lost, or come after the BYE.
const BUSY_END: &str = "<recv request=\"ACK\" optional=\"true\"/><recv request=\"BYE\"/>";
/// Whoever did not hear the last answer asks again, and is answered.
const LINGERS: &str = "<timewait milliseconds=\"2000\"/>";

fn pause(milliseconds: u32) -> String {
    format!("<pause milliseconds=\"{milliseconds}\"/>")
}

impl Caller {
    fn scenario(self, dir: &Path) -> String {
        let invite = send(&request("INVITE", 1, false, SDP));
        let answered = format!(
            "{}{}<send><![CDATA[\n{}\n]]></send>",
            optional(&[100, 180, 182, 183]),
            receive(200, "rrs=\"true\""),
            request("ACK", 1, true, "")
        );
        let refused = |code| format!("{}<send><![CDATA[\n{}\n]]></send>", receive(code, ""), same_transaction("ACK"));
        match self {
            Self::Talks(milliseconds) => {
                let tone = dir.join("tone.al");
                let speak = format!("<exec rtp_stream=\"{},-1,8,PCMA/8000\"/>", tone.display());
                let bye = send(&request("BYE", 2, true, ""));
                let (pause, over) = (pause(milliseconds), receive(200, ""));
                format!("{invite}{answered}<nop><action>{speak}</action></nop>{pause}{bye}{over}")
            }
            Self::Listens => {
                let ok = format!("<send><![CDATA[\n{}\n]]></send>", answer("200 OK", false, ""));
                format!("{invite}{answered}<recv request=\"BYE\"/>{ok}")
            }
            Self::IsTransferred => {
                let ok = |status| format!("<send><![CDATA[\n{}\n]]></send>", answer(status, false, ""));
                let asked = format!("<recv request=\"REFER\"/>{}", ok("202 Accepted"));
                format!("{invite}{answered}{asked}<recv request=\"BYE\"/>{}", ok("200 OK"))
            }
            Self::GivesUp(code, milliseconds) => {
                let rings = format!("{}{}", optional(&[100]), receive(code, ""));
                let cancel = send(&same_transaction("CANCEL"));
                // A call that only waits at the edge ends before its CANCEL is answered.
                let cancelled = format!("{}{}", optional(&[180, 182, 183, 200]), refused(487));
                format!("{invite}{rings}{}{cancel}{cancelled}", pause(milliseconds))
            }
            Self::IsRefused(code) => format!("{invite}{}{}", optional(&[100, 180, 182, 183]), refused(code)),
        }
    }
}

impl Agent {
    fn scenario(self) -> String {
        let plain = |status, rest| format!("<send><![CDATA[\n{}\n]]></send>", answer(status, true, rest));
        let rings = format!("<recv request=\"INVITE\" rrs=\"true\"/>{}", plain("180 Ringing", ""));
        let ack = "<recv request=\"ACK\" optional=\"false\"/>";
        let talks = format!("{}{}{ack}", pause(300), send(&answer("200 OK", true, SDP)));
        let cancelled = format!(
            "<recv request=\"CANCEL\"/><send><![CDATA[\n{}\n]]></send>{}{ack}",
            answer("200 OK", false, ""),
            send(&answer("487 Request Terminated", true, "").replace("[last_CSeq:]", "CSeq: 1 INVITE"))
        );
        match self {
            Self::AnswersAtOnce => {
                let ok = format!("<send><![CDATA[\n{}\n]]></send>", answer("200 OK", false, ""));
                let answers = send(&answer("200 OK", true, SDP));
                format!("{rings}{answers}{BUSY_END}{ok}{LINGERS}")
            }
            Self::RingsTooLate => {
                let ok = format!("<send><![CDATA[\n{}\n]]></send>", answer("200 OK", false, ""));
                let (late, answers) = (plain("180 Ringing", ""), plain("200 OK", SDP));
                // What may get lost is sent again.
                let again = send(&answer("200 OK", true, SDP));
                format!(
                    "<recv request=\"INVITE\" rrs=\"true\"/>{answers}{late}{late}{again}\
                     {BUSY_END}{ok}{LINGERS}"
                )
            }
            Self::Answers => {
                let ok = format!("<send><![CDATA[\n{}\n]]></send>", answer("200 OK", false, ""));
                format!("{rings}{talks}<recv request=\"BYE\"/>{ok}")
            }
            Self::HangsUp(milliseconds) | Self::Transfers(milliseconds) => {
                let caller =
                    "<action><ereg regexp=\".*\" search_in=\"hdr\" header=\"From:\" assign_to=\"1\"/></action>";
                let rings = rings.replacen("rrs=\"true\"/>", &format!("rrs=\"true\">{caller}</recv>"), 1);
                let within = |method: &str, number: u8, more: &str| {
                    send(&format!(
                        "{method} [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
                         [routes]\nFrom: <sip:agent@[local_ip]:[local_port]>;tag=[pid]s[call_number]\n\
                         To: [$1]\nCall-ID: [call_id]\nCSeq: {number} {method}\nMax-Forwards: 70\n{more}\
                         Content-Length: 0\n"
                    ))
                };
                let talked = format!("{rings}{talks}{}", pause(milliseconds));
                if let Self::Transfers(_) = self {
                    let contact = "Contact: <sip:agent@[local_ip]:[local_port]>\nRefer-To: <sip:9@cc.test>\n";
                    let (refer, bye) = (within("REFER", 1, contact), within("BYE", 2, ""));
                    return format!("{talked}{refer}{}{bye}{}", receive(202, ""), receive(200, ""));
                }
                format!("{talked}{}{}", within("BYE", 1, ""), receive(200, ""))
            }
            Self::IsBusy => format!("<recv request=\"INVITE\"/>{}{ack}", send(&answer("486 Busy Here", true, ""))),
            Self::Rings => format!("{rings}{cancelled}"),
            Self::Announces => {
                let header = |name: &str, at: u8| {
                    format!(
                        "<ereg regexp=\"[a-z]+\" search_in=\"hdr\" header=\"{name}:\" check_it=\"true\" assign_to=\"{at}\"/>"
                    )
                };
                let named = format!("{}{}", header("X-Announcement", 1), header("X-Music", 2));
                let progress = plain("183 Session Progress", SDP);
                format!(
                    "<recv request=\"INVITE\" rrs=\"true\"><action>{named}</action></recv>{progress}{cancelled}\
                     <Reference variables=\"1,2\"/>"
                )
            }
        }
    }
}
