//! Mail to a real server, aiosmtpd, over STARTTLS with its own authority and a login.
//!
//! The server is started as a second process. Where Python, aiosmtpd or openssl is missing
//! the tests say so on stderr and end; `.ci/run` installs what it can.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use quadra::deliver::mail::{Outcome, Security, Server, send};
use tempfile::TempDir;

const SCRIPT: &str = include_str!("../fixtures/mail_server.py");

pub(crate) struct RealServer {
    child: Child,
    pub(crate) port: u16,
    folder: TempDir,
    certificate: Vec<u8>,
}

impl RealServer {
    /// Starts the server, or says why there is none.
    pub(crate) fn start(mode: &str) -> Option<Self> {
        Self::troubled(mode, "")
    }

    /// Starts one that greylists (`greylist`), refuses every recipient (`refuse`), or cuts the
    /// connection once it has taken a mail (`cut`).
    pub(crate) fn troubled(mode: &str, trouble: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let runs = |command: &mut Command| {
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
        };
        if !runs(Command::new("python3").args(["-c", "import aiosmtpd"])) {
            eprintln!("real mail server: skipped, `python3 -c 'import aiosmtpd'` fails");
            return None;
        }
        if !runs(&mut certificate_command(folder.path())) {
            eprintln!("real mail server: skipped, openssl makes no certificate");
            return None;
        }
        let mut child = Command::new("python3")
            .args(["-c", SCRIPT, mode, trouble])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("errors")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| {
            let errors = std::fs::read_to_string(folder.path().join("errors")).unwrap();
            panic!("the server did not start: {errors}")
        });
        let certificate = std::fs::read(folder.path().join("certificate.pem")).unwrap();
        Some(Self { child, port, folder, certificate })
    }

    fn describe(&self, security: Security) -> Server {
        Server {
            host: "localhost".to_owned(),
            security,
            username: Some("quadra".to_owned()),
            password: Some("s3cret!".to_owned().into()),
            root_certificates_pem: Some(self.certificate.clone()),
            timeout_ms: 10_000,
            answer_timeout_ms: 10_000,
            ..super::server(self.port)
        }
    }

    /// Returns the authority that signed its certificate, for `mail.ca_file`.
    pub(crate) fn authority(&self) -> std::path::PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Returns the mails that it took so far, part by part.
    pub(crate) fn mails(&self) -> Vec<serde_json::Value> {
        let lines = std::fs::read_to_string(self.folder.path().join("mails")).unwrap_or_default();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Ends the server and returns what it wrote down, a line each.
    pub(crate) fn stop(mut self) -> Vec<String> {
        self.child.stdin.take().unwrap().write_all(b"stop\n").unwrap();
        self.child.wait().unwrap();
        let mut log = String::new();
        std::fs::File::open(self.folder.path().join("log"))
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        log.lines().map(str::to_owned).collect()
    }
}

/// A certificate that signs itself, for `localhost`.
fn certificate_command(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem"]);
    command
}

#[tokio::test]
async fn real_server_takes_mail_over_tls() {
    for (mode, security) in [("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let Some(server) = RealServer::start(mode) else {
            return;
        };
        let outcome = send(&server.describe(security), &super::message()).await;
        assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
        let log = server.stop();
        eprintln!("real mail server, {mode}: {outcome:?}; it wrote {log:?}");
        let id = super::message().message_id().unwrap();
        let digest = "attachment report.xlsx 100000";
        assert_eq!(
            log,
            [
                "login quadra".to_owned(),
                "encrypted True".to_owned(),
                "to a@rossi.example b@rossi.example".to_owned(),
                format!("message-id {id}"),
                "subject 3 differenze, € 1.284,10".to_owned(),
                "text 'In breve\\n.\\nuna riga con un solo punto'".to_owned(),
                digest.to_owned(),
            ],
            "{mode}"
        );
    }
}

#[tokio::test]
async fn strange_certificate_stops_before_mail() {
    let Some(server) = RealServer::start("starttls") else {
        return;
    };
    let strange = Server { root_certificates_pem: None, ..server.describe(Security::StartTls) };
    let outcome = send(&strange, &super::message()).await;
    assert!(matches!(outcome, Outcome::TryLater { .. }), "{outcome:?}");
    assert!(format!("{outcome:?}").contains("STARTTLS"), "{outcome:?}");
    assert_eq!(server.stop(), Vec::<String>::new());
}

#[tokio::test]
async fn wrong_password_is_refused_by_real_server() {
    let Some(server) = RealServer::start("starttls") else {
        return;
    };
    let password = Some("other".to_owned().into());
    let wrong = Server { password, ..server.describe(Security::StartTls) };
    let outcome = send(&wrong, &super::message()).await;
    assert!(matches!(outcome, Outcome::Refused { code: Some(535), .. }), "{outcome:?}");
    assert_eq!(server.stop(), Vec::<String>::new());
}
