//! A job's inbox of electronic invoices: imported ones go to `done/`, bad ones to `rejected/`.
//!
//! A file, or a whole zip, moves when nothing of it is left to do: to `done/` when all of it
//! is at the provider, to `rejected/` beside a `.txt` when some of it was put aside or
//! refused (what was good in it is imported all the same, and known the next time). What
//! could not be sent or whose end is unclear stays for the next run. A notification moves
//! with the file that it is about; one whose file is not there waits for it.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};

use super::{Asking, ImportEnd, ImportOutcome, ImportPlan, Limits, Lots, import, plan_import};
use crate::einvoice::{Inspection, Place};
use crate::worker::files::load_file;
use crate::worker::inbox::{DONE, REJECTED, entries, growing, move_into, reject};
use crate::worker::{Context, Error, api_client};

/// Holds what became of an inbox of electronic invoices.
#[derive(Debug)]
pub struct ImportIntake {
    /// What became of every file.
    pub plan: ImportPlan,
    /// How the import ended.
    pub end: ImportEnd,
    /// Files that moved to `done/`.
    pub done: usize,
    /// Files that moved to `rejected/`.
    pub rejected: usize,
    /// Files that stay for the next run.
    pub left: usize,
}

impl ImportIntake {
    /// Tells whether every file is dealt with and was good.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.end.error.is_none() && self.rejected == 0 && self.left == 0
    }
}

/// Imports every file of an inbox within the limits, and moves what is dealt with.
pub async fn take_in_invoices<C>(
    ctx: &Context,
    inbox: &Path,
    limits: &Limits,
    cancel: impl Fn() -> C,
) -> Result<ImportIntake, Error>
where
    C: Future<Output = ()> + Send,
{
    std::fs::create_dir_all(inbox).map_err(Error::file("make the inbox", inbox))?;
    let waiting: Vec<(Option<_>, PathBuf)> = entries(inbox)?
        .into_iter()
        .filter(|path| path.is_file())
        .map(|path| (None, path))
        .collect();
    let growing = growing(ctx, &waiting).await;
    let mut inspection = Inspection::default();
    let mut files = Vec::new();
    for (_, path) in waiting {
        if growing.contains(&path) {
            tracing::warn!(file = %path.display(), "invoice file left: somebody is writing it");
            continue;
        }
        let shown = path.to_string_lossy();
        match load_file(&path) {
            Ok(bytes) => inspection.add(&shown, &bytes, ctx.today()),
            Err(reason) => inspection.reject(&shown, reason, None),
        }
        files.push(path);
    }
    inspection.link();
    let client = api_client(ctx)?;
    let mut plan = plan_import(ctx, inspection, Lots::PutAside, Asking::Provider(&client)).await?;
    let end = import(ctx, &client, &mut plan, limits, |_| {}, cancel).await?;
    let mut intake = ImportIntake { done: 0, rejected: 0, left: growing.len(), plan, end };
    let fates = fates(&intake.plan);
    for path in files {
        match fates.get(&*path.to_string_lossy()) {
            Some(Fate::Done) => {
                move_into(&path, &inbox.join(DONE))?;
                intake.done += 1;
            }
            Some(Fate::Rejected(reasons)) => {
                reject(&path, &inbox.join(REJECTED), &reasons.join("\n"), None)?;
                intake.rejected += 1;
            }
            Some(Fate::Left) | None => intake.left += 1,
        }
    }
    Ok(intake)
}

/// Tells where a file of the inbox goes.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Done,
    Left,
    Rejected(Vec<String>),
}

/// Returns where each path goes: what is left wins, then what is bad.
fn fates(plan: &ImportPlan) -> BTreeMap<&str, Fate> {
    let inspection = &plan.inspection;
    let mut fates: BTreeMap<&str, Fate> = BTreeMap::new();
    let mut of_files: Vec<usize> = Vec::new();
    for (index, item) in plan.items.iter().enumerate() {
        let place = &inspection.files[item.file].place;
        add(&mut fates, place, fate_of(&item.outcome, place));
        of_files.resize(item.file + 1, index);
    }
    for one in &inspection.rejected {
        let reason = format!("{}: {}", one.place, one.reason);
        add(&mut fates, &one.place, Fate::Rejected(vec![reason]));
    }
    for place in &inspection.skipped {
        add(&mut fates, place, Fate::Done);
    }
    for one in &inspection.notifications {
        let about = one.file.map(|file| fate_of(&plan.items[of_files[file]].outcome, &one.place));
        let fate = match about {
            // Its invoice may come later, or lies in another inbox.
            None | Some(Fate::Left) => Fate::Left,
            // The reason stands beside the invoice.
            Some(Fate::Done | Fate::Rejected(_)) => Fate::Done,
        };
        add(&mut fates, &one.place, fate);
    }
    fates
}

fn add<'p>(fates: &mut BTreeMap<&'p str, Fate>, place: &'p Place, fate: Fate) {
    let before = fates.remove(place.path.as_str()).unwrap_or(Fate::Done);
    let fate = match (before, fate) {
        (Fate::Left, _) | (_, Fate::Left) => Fate::Left,
        (Fate::Rejected(mut all), Fate::Rejected(more)) => {
            all.extend(more);
            Fate::Rejected(all)
        }
        (Fate::Rejected(all), Fate::Done) | (Fate::Done, Fate::Rejected(all)) => {
            Fate::Rejected(all)
        }
        (Fate::Done, Fate::Done) => Fate::Done,
    };
    fates.insert(&place.path, fate);
}

fn fate_of(outcome: &ImportOutcome, place: &Place) -> Fate {
    match outcome {
        ImportOutcome::Imported { .. } | ImportOutcome::AlreadyThere { .. } => Fate::Done,
        ImportOutcome::Refused { reason, .. } | ImportOutcome::PutAside { reason } => {
            Fate::Rejected(vec![format!("{place}: {reason}")])
        }
        ImportOutcome::Ready | ImportOutcome::Unclear { .. } | ImportOutcome::Left { .. } => {
            Fate::Left
        }
    }
}
