//! Imports that pay once: the sandbox counts what each run changed and what it cost.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod command;
mod inbox;
mod once;

use std::path::{Path, PathBuf};

use quadra::clock::Clock;
use quadra::config::Config;
use quadra::einvoice::Inspection;
use quadra::fiscal::Price;
use quadra::sandbox::{self, EffectKind, Faults, Habits, Handle, Options, Running};
use quadra::worker::{
    Asking, Context, Error, ImportEnd, ImportPlan, Limits, Lots, Pace, api_client, find_files,
    import, load_file, plan_import,
};
use tempfile::TempDir;

/// The demo's companies, a token and an empty store.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) sandbox: Running,
    pub(crate) ctx: Context,
}

impl Stage {
    pub(crate) async fn start(habits: Habits) -> Self {
        let options = Options { faults: Faults::none(), habits, ..Options::demo() };
        let sandbox = sandbox::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ctx = open(&folder, &sandbox.base_url()).await;
        Self { folder, sandbox, ctx }
    }

    /// Writes an invoice of the studio to the shop, as `file` with this number.
    pub(crate) fn write(&self, file: &str, number: &str) -> PathBuf {
        let text = sample("IT33401825030_00001.xml").replace(">12/A<", &format!(">{number}<"));
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn copy(&self, name: &str, file: &str) -> PathBuf {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::copy(samples().join(name), &path).unwrap();
        path
    }

    pub(crate) fn handle(&self) -> Handle {
        self.sandbox.handle()
    }

    /// Returns the numbers that were imported, in order, each as often as it took effect.
    pub(crate) fn imported(&self) -> Vec<String> {
        let effects = self.handle().effects().into_iter();
        let mut keys: Vec<String> = effects
            .filter(|effect| effect.kind == EffectKind::InvoiceImported)
            .map(|effect| effect.key)
            .collect();
        keys.sort();
        keys
    }

    pub(crate) async fn plan(&self, path: &Path) -> ImportPlan {
        let client = api_client(&self.ctx).unwrap();
        plan_import(&self.ctx, inspected(path), Lots::PutAside, Asking::Provider(&client))
            .await
            .unwrap()
    }

    pub(crate) async fn import(&self, path: &Path, limits: &Limits) -> (ImportPlan, ImportEnd) {
        self.try_import(path, limits).await.unwrap()
    }

    pub(crate) async fn try_import(
        &self,
        path: &Path,
        limits: &Limits,
    ) -> Result<(ImportPlan, ImportEnd), Error> {
        let client = api_client(&self.ctx)?;
        let asking = Asking::Provider(&client);
        let mut plan = plan_import(&self.ctx, inspected(path), Lots::PutAside, asking).await?;
        let never = std::future::pending::<()>;
        let end = import(&self.ctx, &client, &mut plan, limits, |_| {}, never).await?;
        Ok((plan, end))
    }
}

async fn open(folder: &TempDir, base_url: &str) -> Context {
    use std::os::unix::fs::PermissionsExt as _;
    let token = folder.path().join("token");
    std::fs::write(&token, crate::world::TOKEN).unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let setting = |key: &str, value: String| (key.to_owned(), value);
    let store = format!("sqlite://{}", folder.path().join("quadra.db").display());
    let config = Config::without_file(&[
        setting("api.base_url", base_url.to_owned()),
        setting("api.requests_per_second", "1000".to_owned()),
        setting("store.url", store),
        setting("api.token_file", token.display().to_string()),
    ]);
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    Context::open(config.unwrap(), Clock::Fixed(now)).await.unwrap()
}

pub(crate) fn samples() -> PathBuf {
    crate::world::repository().join("samples/einvoices")
}

pub(crate) fn sample(name: &str) -> String {
    std::fs::read_to_string(samples().join(name)).unwrap()
}

pub(crate) fn inspected(path: &Path) -> Inspection {
    let mut inspection = Inspection::default();
    for file in find_files(&[path.to_owned()]).files {
        let today = "2026-03-02".parse().unwrap();
        inspection.add(&file.to_string_lossy(), &load_file(&file).unwrap(), today);
    }
    inspection.link();
    inspection
}

/// No waits, and absence is believed at once.
pub(crate) fn hasty() -> Limits {
    let pace = Pace { waits: vec![std::time::Duration::ZERO], settle_seconds: 0 };
    Limits { cost: None, pace }
}

pub(crate) fn up_to(euros: &str) -> Limits {
    Limits { cost: Some(Price::parse(euros).unwrap()), ..hasty() }
}

pub(crate) fn words(plan: &ImportPlan) -> Vec<&'static str> {
    plan.items.iter().map(|item| item.outcome.as_str()).collect()
}
