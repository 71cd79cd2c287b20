//! The rules of this installation: the program's, those of its folder, those of a company.
//!
//! A file called by its sort (`issued.toml`, `takings.toml`, …) in the folder of rules takes
//! the place of the shipped one for everybody, and in a folder named by a
//! company's tax id for that company. A file of another name is a mistake, and said.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::fiscal::TaxId;
use crate::reconcile::rules::{RuleSort, Rulebook};
use crate::worker::Error;

/// Holds one sort's rules and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesFile {
    /// The sort.
    pub sort: RuleSort,
    /// The file; none for the rules that the program ships.
    pub path: Option<PathBuf>,
    /// The text.
    pub text: String,
}

/// Returns the rules in force, sort by sort, of a company or of everybody.
///
/// # Errors
/// A file that cannot be read, or whose name is no sort of rules.
pub fn rules_in_force(config: &Config, company: Option<&TaxId>) -> Result<Vec<RulesFile>, Error> {
    let common = files(&config.rules.dir)?;
    let own = match company.and_then(|company| folder(config, company)) {
        Some(folder) => files(&folder)?,
        None => BTreeMap::new(),
    };
    RuleSort::ALL
        .iter()
        .map(|sort| {
            let path = own.get(sort).or_else(|| common.get(sort)).cloned();
            let text = match &path {
                Some(path) => std::fs::read_to_string(path).map_err(Error::file("read", path))?,
                None => sort.built_in().to_owned(),
            };
            Ok(RulesFile { sort: *sort, path, text })
        })
        .collect()
}

/// Returns the rules that can be the beginning of a file: those in force, of no empty file.
///
/// A shell empties the file that `rules show` is to be written to before it is read.
///
/// # Errors
/// As above.
pub fn rules_to_begin_with(
    config: &Config,
    company: Option<&TaxId>,
) -> Result<Vec<RulesFile>, Error> {
    let everybodys = rules_in_force(config, None)?;
    let is_empty = |file: &RulesFile| file.path.is_some() && file.text.trim().is_empty();
    let shipped = |sort: RuleSort| RulesFile { sort, path: None, text: sort.built_in().to_owned() };
    let own = rules_in_force(config, company)?;
    let files = own.into_iter().zip(everybodys).map(|(own, common)| match (own, common) {
        (own, _) if !is_empty(&own) => own,
        // No rule about numbers is a choice, which everybody's rules would undo.
        (own, common) if is_empty(&common) || own.sort == RuleSort::Numbers => shipped(own.sort),
        (_, common) => common,
    });
    Ok(files.collect())
}

/// Returns the rules in force, checked.
///
/// # Errors
/// As above, and a file that says what no rule means.
pub fn rulebook(config: &Config, company: Option<&TaxId>) -> Result<Rulebook, Error> {
    let mut book = Rulebook::default();
    for file in rules_in_force(config, company)? {
        if let Some(path) = &file.path {
            put(&mut book, &file, path)?;
        }
    }
    Ok(book)
}

/// Checks one file by the sort that its name says.
///
/// # Errors
/// Another name, a file that cannot be read, or what no rule means.
pub fn check_rules_file(path: &Path) -> Result<RuleSort, Error> {
    let sort = sort_of(path)?;
    let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
    put(&mut Rulebook::default(), &RulesFile { sort, path: None, text }, path)?;
    Ok(sort)
}

/// Returns every rules file of the folder, those of companies too, in order.
///
/// # Errors
/// A folder that cannot be listed.
pub fn rules_files(config: &Config) -> Result<Vec<PathBuf>, Error> {
    let (mut found, folders) = listed(&config.rules.dir)?;
    for folder in folders {
        found.extend(listed(&folder)?.0);
    }
    Ok(found)
}

/// Holds the rules of a run: everybody's, and what a company's own made of them.
pub(super) struct Books<'a> {
    config: &'a Config,
    common: Arc<Rulebook>,
}

impl<'a> Books<'a> {
    /// Reads everybody's rules.
    pub(super) fn open(config: &'a Config) -> Result<Self, Error> {
        Ok(Self { config, common: Arc::new(rulebook(config, None)?) })
    }

    /// Returns a company's rules, and the error that left everybody's in their place.
    pub(super) fn of(&self, company: &TaxId) -> (Arc<Rulebook>, Option<Error>) {
        if folder(self.config, company).is_none_or(|folder| !folder.is_dir()) {
            return (Arc::clone(&self.common), None);
        }
        match rulebook(self.config, Some(company)) {
            Ok(book) => (Arc::new(book), None),
            Err(error) => (Arc::clone(&self.common), Some(error)),
        }
    }
}

fn put(book: &mut Rulebook, file: &RulesFile, path: &Path) -> Result<(), Error> {
    book.put(file.sort, &file.text)
        .map_err(|source| Error::Rules { path: path.to_owned(), source: Box::new(source) })
}

/// Returns a company's folder; an id that is no name of a folder has none.
fn folder(config: &Config, company: &TaxId) -> Option<PathBuf> {
    let is_name = company.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_name.then(|| config.rules.dir.join(company.as_str()))
}

/// Returns the rules files of one folder by sort; a folder that is not there holds none.
fn files(folder: &Path) -> Result<BTreeMap<RuleSort, PathBuf>, Error> {
    let (files, _) = listed(folder)?;
    files.into_iter().map(|path| Ok((sort_of(&path)?, path))).collect()
}

/// Returns the TOML files and the folders of a folder, in order.
fn listed(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((Vec::new(), Vec::new()));
        }
        Err(error) => return Err(Error::file("list", folder)(error)),
    };
    let mut paths = entries
        .map(|entry| Ok(entry.map_err(Error::file("list", folder))?.path()))
        .collect::<Result<Vec<PathBuf>, Error>>()?;
    paths.sort();
    let (folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| path.is_dir());
    files.retain(|path| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")));
    Ok((files, folders))
}

fn sort_of(path: &Path) -> Result<RuleSort, Error> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    name.parse().map_err(|_| {
        let nearest = RuleSort::ALL
            .iter()
            .map(|sort| sort.as_str())
            .min_by_key(|known| strsim::osa_distance(known, &name));
        Error::NoRuleSort { path: path.to_owned(), nearest: nearest.unwrap_or_default() }
    })
}
