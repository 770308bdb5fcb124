//! `sportello simulate accounts`: what the simulators need in an installation, opened by the use cases of the
//! administration pages. Run again, it opens what is missing.
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use channels::simulate::PecProvider;

use crate::accounts::{self, NewAccount};
use crate::cli::Place;
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::{Principal, Role};
use crate::telephony::{PhoneChange, Presence, change_agent};

/// Name of the secret that all of these accounts share.
const SECRET: &str = "simulator";
/// Of the token by which simulated programs hand contacts over.
const TOKEN: &str = "simulator-token";
/// Folder of the certified mail provider, below the secrets.
const PROVIDER: &str = "simulator-pec";

/// Runs the command.
pub async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let kernel = place.open().await?;
    let opened = open(&kernel).await;
    kernel.db.close().await;
    for name in opened? {
        println!("{name}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the accounts that are missing and puts the agents on duty; answers the names of all accounts.
///
/// # Errors
/// When the data directory cannot be written to, or an account of such a name has other settings that do not fit.
pub async fn open(kernel: &Kernel) -> anyhow::Result<Vec<String>> {
    let secrets = std::path::absolute(kernel.config.path("secrets"))?;
    let spool = std::path::absolute(kernel.config.path("spool"))?;
    for folder in [&secrets, &spool.join("fax"), &spool.join("lettere")] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    keep_secret(&secrets.join(SECRET), codes::random_token)?;
    if !secrets.join(TOKEN).exists() {
        let token = identity::create_token(kernel, Actor::System, "simulators", Role::Integration, None).await?.secret;
        keep_secret(&secrets.join(TOKEN), || token)?;
    }
    let provider = secrets.join(PROVIDER);
    PecProvider::keep(&provider, kernel.now().timestamp()).map_err(|why| anyhow!(why))?;

    let admin = administrator();
    let mut names = Vec::new();
    for account in all(&spool, &provider.join("ca.pem")) {
        names.push(account.name.clone());
        let mut conn = kernel.db.read().await?;
        let known = accounts::by_name(&mut conn, &account.name).await?;
        drop(conn);
        if known.is_none() {
            let name = account.name.clone();
            accounts::add(kernel, &admin, account).await.with_context(|| format!("the account {name}"))?;
        }
    }
    on_duty(kernel, &admin).await?;
    Ok(names)
}

/// The operator at the command line.
fn administrator() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: Language::Italian.as_str().to_owned(),
        units: std::collections::BTreeSet::new(),
    }
}

/// Writes a secret that nobody else on the machine can read, unless there is one.
fn keep_secret(path: &Path, make: impl FnOnce() -> String) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(make().as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn all(spool: &Path, roots: &Path) -> Vec<NewAccount> {
    let secret = format!("file:{SECRET}");
    let secret = secret.as_str();
    let (fax, letters) = (spool.join("fax").display().to_string(), spool.join("lettere").display().to_string());
    let roots = roots.display().to_string();
    let account = |name: &str, driver: &str, settings: &[(&str, &str)]| NewAccount {
        name: name.to_owned(),
        driver: driver.to_owned(),
        settings: settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>(),
        unit: String::new(),
        enabled: true,
    };
    let mailbox = |name: &str, driver: &str, address: &str, (imap, smtp): (&str, &str)| {
        let fields = [
            ("address", address),
            ("user", "simulator"),
            ("password", secret),
            ("imap_host", "127.0.0.1"),
            ("imap_port", imap),
            ("imap_security", "plain"),
            ("smtp_host", "127.0.0.1"),
            ("smtp_port", smtp),
            ("smtp_security", "plain"),
            ("roots", &roots),
        ];
        // What a driver does not know is dropped when the account is saved.
        account(name, driver, &fields)
    };
    vec![
        account("telefono", "phone_sip", &[("secret", secret), ("voicemail", "sip:segreteria@192.0.2.2")]),
        account("centralino", "phone_cti", &[("secret", secret)]),
        account(
            "voce",
            "phone_twilio",
            &[
                ("account_sid", "ACsimulator"),
                ("auth_token", secret),
                ("url", "http://127.0.0.1:13015"),
                ("records", "true"),
            ],
        ),
        account(
            "sms",
            "sms_kannel",
            &[
                ("url", "http://127.0.0.1:13013/cgi-bin/sendsms"),
                ("user", "sportello"),
                ("password", secret),
                ("hook_password", secret),
                ("sender", "Valdoria"),
            ],
        ),
        account(
            "sms-twilio",
            "sms_twilio",
            &[
                ("url", "http://127.0.0.1:13014"),
                ("account_sid", "ACsimulator"),
                ("auth_token", secret),
                ("sender", "+39800000123"),
            ],
        ),
        account(
            "sms-smpp",
            "smpp",
            &[
                ("host", "127.0.0.1"),
                ("port", "13016"),
                ("security", "plain"),
                ("system_id", "sportello"),
                ("password", secret),
                ("sender", "Valdoria"),
            ],
        ),
        mailbox("posta", "email", "sportello@comune.valdoria.example", ("1143", "1025")),
        mailbox("pec", "pec", "protocollo@pec.comune.valdoria.example", ("1144", "1026")),
        account("fax", "fax_hylafax", &[("hook_secret", secret), ("spool", &fax)]),
        account("lettere", "letters_scan", &[("folder", &letters), ("settle_seconds", "2")]),
    ]
}

/// Agents of the installation take calls, at telephones that only the simulator knows.
async fn on_duty(kernel: &Kernel, admin: &Principal) -> anyhow::Result<()> {
    let agents = identity::list_users(kernel).await?.into_iter().filter(|u| u.role == Role::Agent);
    for (agent, extension) in agents.zip(200..) {
        let ready = PhoneChange {
            state: Some(Presence::Ready),
            extension: Some(extension.to_string()),
            address: Some(format!("sip:{extension}@192.0.2.3")),
            ..PhoneChange::default()
        };
        change_agent(kernel, admin, agent.id, ready).await.context("an agent's telephone")?;
    }
    Ok(())
}
