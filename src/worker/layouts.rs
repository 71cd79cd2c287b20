//! The layouts of this installation: the program's, and those of the accountant's folder.

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::fiscal::Direction;
use crate::ledger::{Layouts, LedgerFile};
use crate::worker::Error;

/// Returns the layouts that `upload` knows; a folder that is not there holds none.
pub fn layouts(config: &Config) -> Result<Layouts, Error> {
    let folder = &config.ledger.layouts_dir;
    let mut own: Vec<(PathBuf, String)> = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Layouts::with_own([])?);
        }
        Err(error) => return Err(Error::file("list", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(Error::file("list", folder))?.path();
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml")) {
            let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
            own.push((path, text));
        }
    }
    own.sort();
    Ok(Layouts::with_own(own.iter().map(|(path, text)| (Path::new(path), text.as_str())))?)
}

/// Writes the layout of a file that was read, so that its headings are known from now on.
///
/// Returns the path of the new file. A layout of the same name is replaced.
pub fn remember_layout(
    config: &Config,
    file: &LedgerFile,
    name: &str,
    direction: Option<Direction>,
) -> Result<PathBuf, Error> {
    let text = layouts(config)?.learned(file, name, direction);
    let folder = &config.ledger.layouts_dir;
    std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, text).map_err(Error::file("write", &path))?;
    Ok(path)
}
