//! The paths of the API, and how each is answered.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::answer::{self, Refusal};
use super::filter::Filter;
use super::gate::{PageFault, Turn, gate};
use super::state::{Collection, Shared};
use super::{configurations, invoices, paper, receipts, tokens};

/// The longest body that is read; the SdI takes files of five megabytes.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

type Pairs = Vec<(String, String)>;
type Api = State<Arc<Shared>>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    // A path or a method outside a token's scopes looks like a wrong token at the vendor's.
    let outside = async || answer::wrong_token();
    Router::new()
        .route("/IT-configurations", get(configuration_list).post(create_configuration))
        .route(
            "/IT-configurations/{fiscal_id}",
            get(configuration).patch(change_configuration).delete(delete_configuration),
        )
        .route("/IT-receipts", get(receipt_list).post(create_receipt))
        .route("/IT-receipts/{id}", get(receipt).patch(return_items).delete(void_receipt))
        .route("/IT-invoices", get(invoice_list).post(send_invoice))
        .route("/IT-invoices/{id}", get(invoice))
        .route("/IT-invoices_import", post(import_invoice))
        .merge(tokens::router())
        .method_not_allowed_fallback(outside)
        .fallback(outside)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&shared), gate))
        .with_state(shared)
}

async fn configuration_list(State(shared): Api) -> Response {
    let mut books = shared.books();
    let now = shared.now();
    let shelf = shared.read(Collection::Configurations);
    let all: Vec<_> = shelf
        .iter()
        .filter(|one| books.standing(&one.fiscal_id).visible_from <= now)
        .map(|one| one.raw.clone())
        .collect();
    answer::list(&all)
}

async fn configuration(State(shared): Api, Path(id): Path<String>) -> Response {
    let found = receipts::company(&shared, &mut shared.books(), &id, shared.now());
    match found {
        Some(configuration) => answer::single(configuration.text().as_bytes()),
        None => Refusal::unknown_company().into_response(),
    }
}

async fn create_configuration(State(shared): Api, body: Bytes) -> Result<Response, Refusal> {
    configurations::create(&shared, &body)
}

async fn change_configuration(
    State(shared): Api,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    configurations::change(&shared, &id, &body)
}

async fn delete_configuration(
    State(shared): Api,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    configurations::delete(&shared, &id)
}

async fn receipt_list(
    State(shared): Api,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    page(&shared, Collection::Receipts, &query, &request)
}

async fn invoice_list(
    State(shared): Api,
    Query(query): Query<Pairs>,
    request: Request,
) -> Result<Response, Refusal> {
    page(&shared, Collection::Invoices, &query, &request)
}

fn page(
    shared: &Shared,
    collection: Collection,
    query: &[(String, String)],
    request: &Request,
) -> Result<Response, Refusal> {
    let (filter, mut page) = Filter::read(collection, query, shared.habits())
        .map_err(|message| Refusal::bad(&message))?;
    let turn = request.extensions().get::<Turn>();
    match turn.map(|turn| turn.rows) {
        Some(PageFault::Again) => page.skip = page.skip.saturating_sub(page.limit),
        Some(PageFault::Shifted(rows)) => {
            page.skip = page.skip.saturating_add_signed(isize::try_from(rows).unwrap_or_default());
        }
        Some(PageFault::None) | None => {}
    }
    let faults = shared.faults();
    let seed = shared.options().seed;
    let documents = shared.read(collection).page(&filter, &page, &faults, seed);
    if turn.is_some_and(|turn| turn.adds_a_row) {
        shared.shift(collection, &filter);
    }
    Ok(answer::list(&documents))
}

async fn receipt(
    State(shared): Api,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let shelf = shared.read(Collection::Receipts);
    let document = shelf.get(&id).ok_or_else(|| Refusal::not_found("Receipt not found", 404))?;
    // The vendor decides by the Content-Type of the request, though it has no content.
    let wants_pdf = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/pdf"));
    if wants_pdf {
        return Ok(paper::pdf(&format!(
            "Documento commerciale {} di {}",
            document.document_number, document.fiscal_id
        )));
    }
    Ok(if shared.habits().quoted_items {
        answer::single(&document.with_quoted_items())
    } else {
        answer::single(&document.raw)
    })
}

async fn create_receipt(State(shared): Api, body: Bytes) -> Result<Response, Refusal> {
    receipts::create(&shared, &body)
}

async fn return_items(
    State(shared): Api,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refusal> {
    receipts::give_back(&shared, &id, &body)
}

async fn void_receipt(State(shared): Api, Path(id): Path<String>) -> Result<Response, Refusal> {
    receipts::void(&shared, &id)
}

async fn invoice(State(shared): Api, Path(id): Path<String>) -> Result<Response, Refusal> {
    let shelf = shared.read(Collection::Invoices);
    let document = shelf.get(&id).ok_or_else(|| Refusal::not_found("Invoice not found", 404))?;
    Ok(answer::single(&document.raw))
}

async fn send_invoice(
    State(shared): Api,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    invoices::send(&shared, &headers, &body)
}

async fn import_invoice(State(shared): Api, body: Bytes) -> Result<Response, Refusal> {
    invoices::import(&shared, &body)
}
