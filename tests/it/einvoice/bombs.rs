//! Files made to be large: each ends in an answer within a bound of memory.
//!
//! The binary runs under the shell's limit on its address space, so a bomb that grows ends it
//! with a signal and no JSON. Where there is no such limit (not on Linux) only the answer
//! counts.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Kilobytes of address space; the program, its threads and one invoice of 64 MB fit.
const ADDRESS_SPACE_KB: u64 = 900_000;

/// Runs `inspect --json` on a file of these bytes and returns the first document.
fn inspect(name: &str, bytes: &[u8]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let output = limited(folder.path()).args(["inspect", "--json", name]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    let value: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{name}: {error}; {}; {shown}", output.status));
    value["documents"][0].clone()
}

fn limited(folder: &Path) -> Command {
    let binary = env!("CARGO_BIN_EXE_quadra");
    let mut command = if cfg!(target_os = "linux") {
        let mut command = Command::new("sh");
        let script = format!("ulimit -v {ADDRESS_SPACE_KB}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, binary]);
        command
    } else {
        Command::new(binary)
    };
    command.current_dir(folder);
    command
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    let document = inspect(name, bytes);
    document["reason"].as_str().unwrap_or_else(|| panic!("{name} was read")).to_owned()
}

fn sample() -> String {
    fs::read_to_string(super::samples().join("IT33401825030_0000B.xml")).unwrap()
}

#[test]
fn lot_without_end_is_refused() {
    let bodies = "<FatturaElettronicaBody/>".repeat(300_000);
    let lot = format!("<FatturaElettronica versione='FPR12'>{bodies}</FatturaElettronica>");
    assert!(refusal("lot.xml", lot.as_bytes()).contains("300000 documents"));
}

#[test]
fn twins_without_end_are_told_in_time() {
    // Each is a warning and a fault, and each of these has a path among its twins.
    let line = "<DettaglioLinee><PrezzoUnitario>x</PrezzoUnitario></DettaglioLinee>";
    let goods = format!("<DatiBeniServizi>{}", line.repeat(100_000));
    let text = sample().replacen("<DatiBeniServizi>", &goods, 1);
    let document = inspect("twins.xml", text.as_bytes());
    assert_eq!(document["outcome"], "ok");
    assert_eq!(document["warnings"].as_array().unwrap().len(), 201);
    let codes = document["checks"].as_array().unwrap().iter();
    assert_eq!(codes.filter(|check| check["code"] == "00201").count(), 1);
}

#[test]
fn giant_values_stay_within_memory() {
    let blob = "A".repeat(40 << 20);
    let attachment = sample().replace("<Attachment>", &format!("<Attachment>{blob}"));
    let document = inspect("attachment.xml", attachment.as_bytes());
    assert_eq!(document["attachments"][0]["encoded_bytes"], (40 << 20) + 4000);
    let blob = "A".repeat(4 << 20);
    let attribute = sample().replace("versione=\"FPR12\"", &format!("versione=\"{blob}\""));
    assert_eq!(inspect("attribute.xml", attribute.as_bytes())["outcome"], "ok");
    let number = sample().replace("<Numero>21/A", &format!("<Numero>{blob}"));
    assert_eq!(inspect("number.xml", number.as_bytes())["outcome"], "ok");
    let name = format!("<{blob}/>");
    assert!(refusal("name.xml", name.as_bytes()).contains("root"));
}

#[test]
fn references_without_end_stay_within_memory() {
    let text = sample().replace("<Numero>", &format!("<Numero>{}", "&#65;".repeat(2_000_000)));
    assert_eq!(inspect("references.xml", text.as_bytes())["outcome"], "ok");
    let entity = sample().replace("<Numero>", &format!("<Numero>{}", "&x;".repeat(1_000_000)));
    assert!(refusal("entities.xml", entity.as_bytes()).contains("&x;"));
}

#[test]
fn archive_of_nothings_is_refused() {
    let options = zip::write::SimpleFileOptions::default();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..50_001 {
        writer.start_file(format!("{index}.xml"), options).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert!(refusal("nothings.zip", &bytes).contains("50001 members"));
}

#[test]
fn wrapper_without_end_is_refused() {
    let mut text = Vec::with_capacity(140 << 20);
    text.write_all(b"MIAGCSqGSIb3DQEHAqCAMIAC").unwrap();
    text.resize(140 << 20, b'A');
    assert!(refusal("wrapped.p7m", &text).contains("more than the"));
}
