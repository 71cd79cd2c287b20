//! The demo data and the samples that belong to it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use quadra::sandbox::{Collection, Dataset, Options, start};
use serde_json::Value;

use super::Client;

/// The ledgers under `samples/` belong to these documents: they must not drift apart.
///
/// With `QUADRA_ACCEPT=1` the files are written instead of compared.
#[tokio::test]
async fn demo_data_is_the_same_as_shipped() {
    let options = Options::demo();
    assert_eq!(options.dataset, Dataset::Demo);
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/api");
    for (name, collection, path) in [
        ("receipts", Collection::Receipts, "/IT-receipts"),
        ("invoices", Collection::Invoices, "/IT-invoices"),
        ("configurations", Collection::Configurations, "/IT-configurations"),
    ] {
        let texts = sandbox.handle().all(collection);
        let served = match collection {
            Collection::Configurations => client.rows(path).await,
            _ => client.list(path).await,
        };
        let kept: Vec<Value> =
            texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        assert_eq!(served, kept, "{name}");
        // One document a line, so that a change shows as the lines it touches.
        let text = format!("[\n{}\n]\n", texts.join(",\n"));
        let file = folder.join(format!("demo-{name}.json"));
        #[expect(clippy::disallowed_methods, reason = "a test's own switch, not a setting")]
        let accept = std::env::var("QUADRA_ACCEPT").is_ok();
        if accept {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let shipped = fs::read_to_string(&file).unwrap();
        assert!(
            shipped == text,
            "{} differs: run this test with QUADRA_ACCEPT=1, then samples/make_ledgers.py",
            file.display()
        );
    }
}

/// Whoever looks a planted difference up must find its documents.
#[tokio::test]
async fn planted_documents_exist_in_demo() {
    let sandbox = start(Options::demo()).await.unwrap();
    let handle = sandbox.handle();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/ledgers/demo/planted.json");
    let planted: Vec<Value> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let kinds: BTreeSet<_> = planted.iter().map(|one| one["kind"].as_str()).collect();
    assert!(kinds.len() >= 12, "{kinds:?}");
    for one in &planted {
        let detail = one["detail"].as_object().unwrap();
        for (name, value) in detail {
            let collection = match name.as_str() {
                "invoice_id" | "invoice_ids" => Collection::Invoices,
                "receipt_id" | "void_id" | "return_id" | "parent_id" => Collection::Receipts,
                _ => continue,
            };
            let single = vec![value.clone()];
            for id in value.as_array().unwrap_or(&single) {
                let raw = handle.get(collection, id.as_str().unwrap());
                let document: Value = serde_json::from_str(&raw.unwrap()).unwrap();
                assert_eq!(document["fiscal_id"], one["company"], "{one}");
            }
        }
    }
}
