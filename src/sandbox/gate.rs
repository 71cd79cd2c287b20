//! The gate that every request passes first: counted, changed, broken, let in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::effects::Purchase;
use super::fault::Fault;
use super::handle::Handle;
use super::state::Shared;
use super::tokens::{Pass, is_token_service};
use super::{answer, broken, life};

/// Counts the request, lets it misbehave, and asks for the token.
pub(super) async fn gate(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let target = request.uri().to_string();
    let method = request.method().clone();
    let throw = shared.throw();
    let ordered = shared.orders.arrive(method.as_str(), &target);
    // Even a sleep of nothing waits for the next tick of the timer.
    if !throw.delay.is_zero() {
        tokio::time::sleep(throw.delay).await;
    }
    shared.orders.change(&Handle::new(Arc::clone(&shared)), method.as_str(), &target);
    let is_unclear = throw.unclear && method != Method::GET;
    let unclear = is_unclear.then(|| Fault::unavailable().after_effect());
    let fault = match ordered.or(throw.fault).or(unclear) {
        Some(fault) if is_before(&fault) => return instead(fault, Response::default()).await,
        fault => fault,
    };
    life::settle(&shared);
    let is_free = is_token_service(request.uri().path());
    if !is_free && !bears_good_token(&shared, &request) {
        return answer::wrong_token();
    }
    if method == Method::GET && !is_free {
        let paid = shared.books().pay(Purchase::Get, shared.now());
        if let Err(refusal) = paid {
            return refusal.into_response();
        }
    }
    let rows = match fault {
        Some(Fault::PageShifted(rows)) => PageFault::Shifted(rows),
        Some(Fault::PageAgain) => PageFault::Again,
        _ => PageFault::None,
    };
    request.extensions_mut().insert(Turn { adds_a_row: throw.shift, rows });
    let response = next.run(request).await;
    if method != Method::GET {
        shared.wake.notify_one();
    }
    match fault {
        Some(Fault::AfterEffect(fault)) => instead(*fault, response).await,
        Some(fault) => instead(fault, response).await,
        None => response,
    }
}

/// Says what happens around one page of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// A document appears at the newest end once this page is read.
    pub(super) adds_a_row: bool,
    pub(super) rows: PageFault,
}

/// Says whether a page shows other rows than asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum PageFault {
    None,
    /// As if `skip` had been so much more.
    Shifted(i64),
    /// Those of the page before.
    Again,
}

/// Tells whether a fault comes before the request could have any effect.
fn is_before(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Status { .. } | Fault::Html200 | Fault::Xml401 | Fault::Empty200 | Fault::Reset
    )
}

/// Answers with a fault in place of, or upon, the right answer.
async fn instead(fault: Fault, response: Response) -> Response {
    match fault {
        Fault::Status { status, headers, body } => broken::told(status, &headers, body),
        Fault::Html200 => broken::web_page(),
        Fault::Xml401 => broken::gateway_refusal(),
        Fault::Empty200 => Response::default(),
        Fault::Reset => broken::reset(),
        Fault::CutBody => broken::cut(response).await,
        Fault::WrongLength(off) => broken::wrong_length(response, off).await,
        Fault::Slow(delay) => {
            tokio::time::sleep(delay).await;
            response
        }
        Fault::PageShifted(_) | Fault::PageAgain | Fault::AfterEffect(_) => response,
    }
}

/// Asks a minted token for its scopes and its time, any other one for what the options say.
fn bears_good_token(shared: &Shared, request: &Request) -> bool {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::trim)
        .filter(|token| !token.is_empty());
    let Some(token) = token else { return false };
    let asked = (request.method().as_str(), request.uri().path());
    let now = shared.now();
    match shared.books().ring.pass(token, asked, &shared.hosts(), now) {
        Pass::Good => true,
        Pass::Bad => false,
        Pass::Unknown => match shared.token() {
            Some(good) => good == token,
            None => !shared.options().only_minted_tokens,
        },
    }
}
