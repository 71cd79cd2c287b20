//! What somebody ordered for requests to come, and what requests there were.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Mutex;

use super::fault::Fault;
use super::handle::Handle;
use super::state::locked;

/// How many requests are remembered word for word.
const REMEMBERED_REQUESTS: usize = 100_000;

type Change = Box<dyn FnOnce(&Handle) + Send>;
type Watch = Box<dyn FnMut(&Handle, &str) + Send>;

/// Keeps faults and changes until their request comes, and the requests that came.
#[derive(Default)]
pub(super) struct Orders {
    faults: Mutex<VecDeque<(String, Fault)>>,
    changes: Mutex<Vec<Planned>>,
    watch: Mutex<Option<Watch>>,
    asked: Mutex<Vec<String>>,
    counts: Mutex<BTreeMap<String, u64>>,
}

/// Is a change that waits for the n-th request of its kind.
struct Planned {
    on: String,
    left: usize,
    change: Change,
}

impl Orders {
    pub(super) fn order_fault(&self, on: &str, count: usize, fault: Fault) {
        locked(&self.faults).extend(std::iter::repeat_n((on.to_owned(), fault), count));
    }

    pub(super) fn plan(&self, on: &str, nth: usize, change: Change) {
        locked(&self.changes).push(Planned { on: on.to_owned(), left: nth, change });
    }

    pub(super) fn watch(&self, watch: Option<Watch>) {
        *locked(&self.watch) = watch;
    }

    /// Writes a request down and returns the fault that was ordered for it.
    pub(super) fn arrive(&self, method: &str, target: &str) -> Option<Fault> {
        let mut asked = locked(&self.asked);
        if asked.len() < REMEMBERED_REQUESTS {
            asked.push(target.to_owned());
        }
        drop(asked);
        *locked(&self.counts).entry(format!("{method} {}", pattern(target))).or_default() += 1;
        let wanted = format!("{method} {target}");
        let mut faults = locked(&self.faults);
        let first = faults.iter().position(|(on, _)| wanted.contains(on))?;
        faults.remove(first).map(|(_, fault)| fault)
    }

    /// Carries out the changes that were planned for this request.
    pub(super) fn change(&self, handle: &Handle, method: &str, target: &str) {
        let wanted = format!("{method} {target}");
        let mut due = Vec::new();
        let mut changes = locked(&self.changes);
        for mut planned in std::mem::take(&mut *changes) {
            if !wanted.contains(&planned.on) {
                changes.push(planned);
            } else if planned.left <= 1 {
                due.push(planned.change);
            } else {
                planned.left -= 1;
                changes.push(planned);
            }
        }
        drop(changes);
        // Outside the lock: a change may plan another one.
        for change in due {
            change(handle);
        }
        let watch = locked(&self.watch).take();
        if let Some(mut watch) = watch {
            watch(handle, &wanted);
            locked(&self.watch).get_or_insert(watch);
        }
    }

    pub(super) fn asked(&self) -> Vec<String> {
        locked(&self.asked).clone()
    }

    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        locked(&self.counts).clone()
    }

    /// Returns the faults that wait, in their order.
    pub(super) fn waiting(&self) -> Vec<(String, Fault)> {
        locked(&self.faults).iter().cloned().collect()
    }

    pub(super) fn forget_faults(&self) {
        locked(&self.faults).clear();
    }

    pub(super) fn forget(&self) {
        self.forget_faults();
        locked(&self.changes).clear();
        *locked(&self.watch) = None;
        locked(&self.asked).clear();
        locked(&self.counts).clear();
    }
}

impl fmt::Debug for Orders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Orders").field("faults", &self.faults).finish_non_exhaustive()
    }
}

/// Returns the path without the id of the document and without the query.
fn pattern(target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(_) => format!("/{first}/{{id}}"),
        None => format!("/{first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_counted_without_ids() {
        let orders = Orders::default();
        orders.arrive("GET", "/IT-receipts/697c?x=1");
        orders.arrive("GET", "/IT-receipts/697d");
        orders.arrive("GET", "/IT-receipts?skip=0");
        let counts: Vec<_> = orders.counts().into_iter().collect();
        assert_eq!(
            counts,
            [("GET /IT-receipts".to_owned(), 1), ("GET /IT-receipts/{id}".to_owned(), 2)]
        );
    }

    #[test]
    fn fault_waits_for_its_method() {
        let orders = Orders::default();
        orders.order_fault("POST /IT-receipts", 1, Fault::Reset);
        assert_eq!(orders.arrive("GET", "/IT-receipts"), None);
        assert_eq!(orders.arrive("POST", "/IT-receipts"), Some(Fault::Reset));
        assert_eq!(orders.arrive("POST", "/IT-receipts"), None);
    }
}
