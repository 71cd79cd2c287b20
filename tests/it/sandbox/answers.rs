//! Single reads, refusals, tokens and paper.

use std::net::{IpAddr, Ipv4Addr};

use quadra::sandbox::{Error, Options, start};
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use super::{Client, well_behaved};

#[tokio::test]
async fn missing_things_answer_as_documented() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let response = client.answer("/IT-configurations/123").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body = response.text().await.unwrap();
    assert_eq!(
        body,
        r#"{"data":"null","success":true,"message":"Fiscal ID not found or not registered","error":111}"#
    );
    for path in ["/IT-receipts/abc", "/IT-invoices/abc"] {
        let response = client.answer(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(response.json::<Value>().await.unwrap()["data"], "null");
    }
}

#[tokio::test]
async fn wrong_token_path_and_method_look_alike() {
    let options = Options { token: Some("good".into()), ..well_behaved() };
    let sandbox = start(options).await.unwrap();
    let client = Client::of(&sandbox);
    let url = |path: &str| format!("{}{path}", sandbox.base_url());
    let requests = [
        client.http.get(url("/IT-receipts")),
        client.http.get(url("/IT-receipts")).bearer_auth("bad"),
        client.http.get(url("/IT/invoices")).bearer_auth("good"),
        client.http.put(url("/IT-invoices")).bearer_auth("good"),
    ];
    for request in requests {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let body = response.text().await.unwrap();
        assert!(body.contains(r#""message":"Wrong Token","error":125.22"#), "{body}");
    }
    let good = client.http.get(url("/IT-receipts")).bearer_auth("good");
    assert_eq!(good.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn single_read_quotes_what_list_does_not() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-receipts?status=ready&limit=1").await;
    let listed = &rows[0];
    let path = format!("/IT-receipts/{}", listed["id"].as_str().unwrap());
    let single = client.json(&path).await["data"].clone();
    let rate = listed["items"][0]["vat_rate"].as_str().unwrap();
    assert_eq!(single["items"][0]["vat_rate"], format!("'{rate}'"));
    assert_eq!(single["total_taxable_amount"], listed["total_taxable_amount"]);
    let invoices = client.rows("/IT-invoices?limit=1").await;
    let path = format!("/IT-invoices/{}", invoices[0]["id"].as_str().unwrap());
    assert_eq!(client.json(&path).await["data"], invoices[0]);
}

#[tokio::test]
async fn content_type_decides_for_paper() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-receipts?status=ready&limit=1").await;
    let path = format!("/IT-receipts/{}", rows[0]["id"].as_str().unwrap());
    let request = client.request(&path).header(CONTENT_TYPE, "application/pdf");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/pdf");
    let paper = response.text().await.unwrap();
    assert!(paper.starts_with("%PDF-1.4") && paper.ends_with("%%EOF\n"));
    // Each entry of the cross-reference table must point at its object.
    let table = &paper[paper.find("xref\n").unwrap()..];
    for (number, entry) in (1..=5).zip(table.lines().skip(3)) {
        let offset: usize = entry[..10].parse().unwrap();
        assert!(paper[offset..].starts_with(&format!("{number} 0 obj")));
    }
}

#[tokio::test]
async fn configurations_hide_their_secrets() {
    let sandbox = start(well_behaved()).await.unwrap();
    let client = Client::of(&sandbox);
    let rows = client.rows("/IT-configurations").await;
    assert_eq!(rows.len(), 3);
    let fiscal_id = rows[0]["fiscal_id"].as_str().unwrap();
    let single = client.json(&format!("/IT-configurations/{fiscal_id}")).await;
    assert_eq!(single["data"], rows[0]);
    let secrets = &rows[0]["receipts_authentication"];
    assert_eq!(secrets.as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn other_addresses_are_refused() {
    let options = Options { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), ..well_behaved() };
    assert!(matches!(start(options).await, Err(Error::NotLoopback(_))));
}
