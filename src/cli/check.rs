//! `quadra check`: a line for each thing that a night needs.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use crate::cli::failure::{Failure, PARTLY_DONE, WRONG_USE};
use crate::cli::{Global, clock, output};
use crate::config::{Config, jobs};
use crate::deliver::mail;
use crate::worker::{self, Context};

/// Try configuration, jobs, store, API token and mail server; a line each
///
/// Asks the API one request and says good day to the mail server; changes nothing else.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Ask neither the API nor the mail server
    #[arg(long)]
    offline: bool,
}

/// Holds what became of one thing that was tried.
struct Tried {
    what: &'static str,
    outcome: Outcome,
    detail: String,
    hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Good,
    /// Not needed, or not asked for.
    Skipped,
    /// Not at its end yet.
    Open,
    /// May be good later.
    Unreachable,
    /// Somebody must mend it.
    Wrong,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Skipped => "skipped",
            Self::Open => "open",
            Self::Unreachable => "unreachable",
            Self::Wrong => "wrong",
        }
    }
}

impl Check {
    pub(super) async fn run(self, global: &Global) -> Result<ExitCode, Failure> {
        let mut tried = Vec::new();
        match global.load() {
            Ok(config) => self.try_all(&config, &mut tried).await,
            Err(Failure::Config(error)) => tried.push(Tried {
                what: "configuration",
                outcome: Outcome::Wrong,
                detail: error.to_string(),
                hint: error.hint(),
            }),
            Err(other) => return Err(other),
        }
        print(global, &tried)?;
        let has = |outcome| tried.iter().any(|one| one.outcome == outcome);
        Ok(ExitCode::from(if has(Outcome::Wrong) {
            WRONG_USE
        } else if has(Outcome::Unreachable) || has(Outcome::Open) {
            PARTLY_DONE
        } else {
            0
        }))
    }

    async fn try_all(&self, config: &Config, tried: &mut Vec<Tried>) {
        let file = config
            .file
            .as_ref()
            .map_or_else(|| "no file, defaults".to_owned(), |path| path.display().to_string());
        tried.push(good("configuration", file));
        for described in config.describe() {
            let shown = format!("{} = {} ({})", described.key, described.value, described.origin);
            tracing::debug!("{shown}");
        }
        tried.push(try_jobs(config));
        tried.push(try_rules(config));
        match Context::open(config.clone(), clock()).await {
            Ok(ctx) => {
                tried.push(good("store", ctx.store.path().display().to_string()));
                tried.push(if self.offline { skipped("api") } else { try_api(&ctx).await });
                tried.push(try_intents(&ctx).await);
                ctx.store.close().await;
            }
            Err(error) => {
                tried.push(wrong("store", &error, error.hint()));
                // Requests are counted in the store, so without one none is sent.
                tried.push(skipped("api"));
                tried.push(skipped("submit"));
            }
        }
        tried.push(match &config.mail {
            None => skipped("mail"),
            Some(_) if self.offline => skipped("mail"),
            Some(settings) => {
                let place = format!("{}:{}", settings.server.host, settings.server.port);
                match mail::probe(&settings.server).await {
                    Ok(()) => good("mail", place),
                    Err(reason) => Tried {
                        what: "mail",
                        outcome: Outcome::Unreachable,
                        detail: reason,
                        hint: Some("check `[mail]` host, port, security and password".to_owned()),
                    },
                }
            }
        });
    }
}

fn try_jobs(config: &Config) -> Tried {
    match jobs::load_all(&config.jobs.dir) {
        Ok(found) if found.is_empty() => Tried {
            what: "jobs",
            outcome: Outcome::Wrong,
            detail: format!("no job in `{}`", config.jobs.dir.display()),
            hint: Some("copy one from the `jobs` folder of Quadra".to_owned()),
        },
        Ok(found) => {
            let names: Vec<String> = found.into_iter().map(|job| job.name).collect();
            good("jobs", names.join(", "))
        }
        Err(error) => Tried {
            what: "jobs",
            outcome: Outcome::Wrong,
            detail: error.to_string(),
            hint: error.hint(),
        },
    }
}

/// Reads every rules file of the folder; none is good too.
fn try_rules(config: &Config) -> Tried {
    let read = worker::rules_files(config).and_then(|files| {
        files.iter().try_for_each(|file| worker::check_rules_file(file).map(drop))?;
        Ok(files.len())
    });
    match read {
        Ok(0) => good("rules", "the shipped ones".to_owned()),
        Ok(count) => good("rules", format!("{count} files in {}", config.rules.dir.display())),
        Err(error) => wrong("rules", &error, error.hint()),
    }
}

async fn try_api(ctx: &Context) -> Tried {
    match worker::count_companies(ctx).await {
        Ok(count) => good("api", format!("{} – {count} companies", ctx.config.api.base_url)),
        Err(error) => {
            let mut tried = wrong("api", &error, error.hint());
            if error.is_transient() {
                tried.outcome = Outcome::Unreachable;
            }
            tried
        }
    }
}

/// Names what is open at the provider; an end that nobody knows is for a person to look at.
async fn try_intents(ctx: &Context) -> Tried {
    let open = match ctx.store.open_intents().await {
        Ok(open) => open,
        Err(error) => return wrong("submit", &error, error.hint()),
    };
    if open.is_empty() {
        return good("submit", "nothing is open at the provider".to_owned());
    }
    let told: Vec<String> = open
        .iter()
        .map(|intent| format!("{} {}: {}", intent.state, intent.id, intent.subject))
        .collect();
    Tried {
        what: "submit",
        outcome: Outcome::Open,
        detail: told.join(", "),
        hint: Some("`quadra submit` looks it up and carries it on".to_owned()),
    }
}

fn good(what: &'static str, detail: String) -> Tried {
    Tried { what, outcome: Outcome::Good, detail, hint: None }
}

fn skipped(what: &'static str) -> Tried {
    let detail = "not set, or not asked".to_owned();
    Tried { what, outcome: Outcome::Skipped, detail, hint: None }
}

fn wrong(what: &'static str, error: &dyn std::error::Error, hint: Option<String>) -> Tried {
    let detail = worker::causes(error);
    Tried { what, outcome: Outcome::Wrong, detail, hint }
}

fn print(global: &Global, tried: &[Tried]) -> Result<(), Failure> {
    if global.json {
        let checks: Vec<_> = tried
            .iter()
            .map(|one| {
                json!({
                    "what": one.what, "outcome": one.outcome.word(), "detail": one.detail,
                    "hint": one.hint,
                })
            })
            .collect();
        return output::json(&json!({ "checks": checks }));
    }
    for one in tried {
        output::line(&format!("{:<12} {:<14} {}", one.outcome.word(), one.what, one.detail))?;
        if let Some(hint) = &one.hint {
            output::line(&format!("{:<12} hint: {}", "", hint.replace('\n', "; ")))?;
        }
    }
    Ok(())
}
