//! An answering machine: baresip, and the script of `docs/channels` that hands its recordings over.

use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::kamailio::shipped;
use crate::process::{Server, free_port, open_directory, program, write};

/// A running answering machine.
#[derive(Debug)]
pub struct AnsweringMachine {
    _baresip: Server,
    _delivery: Server,
    dir: TempDir,
    port: u16,
}

impl AnsweringMachine {
    /// Starts a machine that hands its recordings to `hooks`, signed with `secret`.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    #[must_use]
    pub fn start(hooks: &str, secret: &str) -> Self {
        let dir = open_directory();
        let (port, control, recordings) = (free_port(), free_port(), dir.path().join("recordings"));
        std::fs::create_dir(&recordings).unwrap_or_else(|e| panic!("{}: {e}", recordings.display()));
        write(&dir.path().join("greeting.wav"), silence(60));
        write(&dir.path().join("config"), config(dir.path(), port, control, &recordings));
        write(&dir.path().join("contacts"), "");
        let account =
            format!("<sip:vm@127.0.0.1:{port};transport=udp>;regint=0;answermode=auto;audio_codecs=PCMA/8000/1\n");
        write(&dir.path().join("accounts"), account);
        write(&dir.path().join("secret"), secret);
        let log = dir.path().join("log");
        let mut command = Command::new(program(&["/usr/bin/baresip"], "baresip-core"));
        let mut baresip = Server::start(command.arg("-f").arg(dir.path()), &log, dir.path());
        baresip.wait_for(control, &log);
        let mut command = Command::new(program(&["/usr/bin/python3"], "python3"));
        command.arg(shipped("voicemail.py")).args(["--control", &format!("127.0.0.1:{control}"), "--hooks", hooks]);
        command.arg("--recordings").arg(&recordings).arg("--secret-file").arg(dir.path().join("secret"));
        let delivery = Server::start(&mut command, &dir.path().join("delivery"), dir.path());
        let machine = Self { _baresip: baresip, _delivery: delivery, dir, port };
        machine.wait_until_followed(control);
        machine
    }

    /// Its address.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("sip:vm@127.0.0.1:{}", self.port)
    }

    /// What both programs wrote.
    #[must_use]
    pub fn log(&self) -> String {
        ["log", "delivery"].map(|name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()).concat()
    }

    /// baresip speaks with one client: a second one is turned away once the script is connected.
    fn wait_until_followed(&self, control: u16) {
        let start = Instant::now();
        let suffix = format!(":{control:04X}");
        let established = || {
            let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
            let row = |line: &str| {
                let mut words = line.split_whitespace().skip(1);
                words.next().is_some_and(|local| local.ends_with(&suffix)) && words.nth(1) == Some("01")
            };
            table.lines().any(row)
        };
        while !established() {
            assert!(start.elapsed() < Duration::from_secs(20), "nobody follows baresip: {}", self.log());
            sleep(Duration::from_millis(20));
        }
    }
}

fn config(dir: &Path, port: u16, control: u16, recordings: &Path) -> String {
    let media = free_port() & !1;
    let (greeting, recordings) = (dir.join("greeting.wav"), recordings.display());
    format!(
        "poll_method epoll\nsip_listen 127.0.0.1:{port}\nnet_interface 127.0.0.1\ncall_max_calls 50\n\
         audio_player aubridge,sink\naudio_source aufile,{}\naudio_alert aubridge,none\n\
         ausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\naudio_level no\n\
         audio_buffer 20-160\nrtp_ports {media}-{}\nrtp_timeout 30\nmodule_path /usr/lib/baresip/modules\n\
         module g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n\
         module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
         ctrl_tcp_listen 127.0.0.1:{control}\nsnd_path {recordings}\n",
        greeting.display(),
        media.saturating_add(60),
    )
}

/// A greeting of silence: baresip hangs up when it ends, so its length is that of the longest message.
fn silence(seconds: u32) -> Vec<u8> {
    let data = 16_000 * seconds;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8_000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend(data.to_le_bytes());
    file.resize(file.len() + data as usize, 0);
    file
}
