//! Takes the provider's callbacks, and believes nothing of them but an identifier.
//!
//! In comes a POST that carries our secret; out goes a row of the store, committed before the
//! sender hears 200. What the body says of a document is never used: the next pull reads it
//! again with our own token, the documents that callbacks named first. So a callback that comes
//! twice, late, out of order or from somebody who learnt the secret does no harm: it costs one
//! request at most.
//!
//! The secret stands in the header that we registered, or as a part of the path, and is compared
//! in constant time before anything of the body is read. A wrong one is answered 401 whatever
//! the path is. A body that is too long is answered 413, one that does not arrive in time 408,
//! a store that cannot write 503, after which the provider tries again. An event that nobody
//! knows, or a body without an identifier, is stored all the same and answered 200: sending it
//! again would change nothing, and a person can look at it.
//!
//! Absent on purpose: reading documents, any judgement, and the port, which `server` has.

mod event;
mod message;
mod receive;

pub use receive::router;
