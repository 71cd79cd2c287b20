//! The paths of the API, and the gate that every request passes first.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::get;

use super::answer;
use super::faults::Fault;
use super::filter::Filter;
use super::handle::{Collection, Shared};

type Pairs = Vec<(String, String)>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    // A path or a method outside a token's scopes looks like a wrong token at the vendor's.
    let outside = async || answer::wrong_token();
    Router::new()
        .route("/IT-configurations", get(configurations))
        .route("/IT-configurations/{fiscal_id}", get(configuration))
        .route("/IT-receipts", get(receipts))
        .route("/IT-receipts/{id}", get(receipt))
        .route("/IT-invoices", get(invoices))
        .route("/IT-invoices/{id}", get(invoice))
        .method_not_allowed_fallback(outside)
        .fallback(outside)
        .layer(from_fn_with_state(Arc::clone(&shared), gate))
        .with_state(shared)
}

/// Counts the request, lets it misbehave, and asks for the token.
async fn gate(State(shared): State<Arc<Shared>>, mut request: Request, next: Next) -> Response {
    let target = request.uri().to_string();
    let arrival = shared.arrive(&target);
    // Even a sleep of nothing waits for the next tick of the timer.
    if !arrival.delay.is_zero() {
        tokio::time::sleep(arrival.delay).await;
    }
    match arrival.fault {
        Some(Fault::Status { status, headers, body }) => return told(status, &headers, body),
        Some(Fault::Html200) => return answer::web_page(),
        Some(Fault::Xml401) => return answer::gateway_refusal(),
        Some(Fault::Empty200) => return Response::default(),
        Some(Fault::Reset) => return answer::reset(),
        Some(Fault::Slow(delay)) => tokio::time::sleep(delay).await,
        Some(Fault::CutBody) | None => {}
    }
    if !bears_good_token(&shared, request.headers()) {
        return answer::wrong_token();
    }
    request.extensions_mut().insert(Shift(arrival.shift));
    let response = next.run(request).await;
    match arrival.fault {
        Some(Fault::CutBody) => answer::cut(response).await,
        _ => response,
    }
}

/// Says whether a document appears at the newest end once this page is read.
#[derive(Clone, Copy)]
struct Shift(bool);

fn bears_good_token(shared: &Shared, headers: &HeaderMap) -> bool {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim);
    token.is_some_and(|token| !token.is_empty() && shared.accepts(token))
}

fn told(status: u16, headers: &[(String, String)], body: String) -> Response {
    let mut response = Response::new(body.into());
    // A status that HTTP does not know would be a mistake in the test, shown as 500.
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        let name = name.parse::<HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn configurations(State(shared): State<Arc<Shared>>) -> Response {
    let shelf = shared.read(Collection::Configurations);
    let all: Vec<_> = shelf.iter().map(|one| one.raw.clone()).collect();
    answer::list(&all)
}

async fn configuration(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.read(Collection::Configurations).by_fiscal_id(&id) {
        Some(document) => answer::single(&document.raw),
        None => answer::not_found("Fiscal ID not found or not registered", 111),
    }
}

async fn receipts(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Response {
    page(&shared, Collection::Receipts, &query, &request)
}

async fn invoices(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<Pairs>,
    request: Request,
) -> Response {
    page(&shared, Collection::Invoices, &query, &request)
}

fn page(
    shared: &Shared,
    collection: Collection,
    query: &[(String, String)],
    request: &Request,
) -> Response {
    let (filter, page) = match Filter::read(collection, query, shared.habits()) {
        Ok(read) => read,
        Err(message) => return answer::bad_request(&message),
    };
    let faults = shared.faults();
    let documents = shared.read(collection).page(&filter, &page, &faults, shared.seed());
    if request.extensions().get::<Shift>().is_some_and(|shift| shift.0) {
        shared.shift(collection, &filter);
    }
    answer::list(&documents)
}

async fn receipt(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shelf = shared.read(Collection::Receipts);
    let Some(document) = shelf.get(&id) else {
        return answer::not_found("Receipt not found", 404);
    };
    // The vendor decides by the Content-Type of the request, though it has no content.
    let wants_pdf = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/pdf"));
    if wants_pdf {
        return answer::pdf(&format!(
            "Documento commerciale {} di {}",
            document.document_number, document.fiscal_id
        ));
    }
    answer::single(&document.with_quoted_items())
}

async fn invoice(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.read(Collection::Invoices).get(&id) {
        Some(document) => answer::single(&document.raw),
        None => answer::not_found("Invoice not found", 404),
    }
}
