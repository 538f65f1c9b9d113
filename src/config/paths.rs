//! Where Corkboard's files are: config, data and state, each where the platform keeps such things.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::report::ConfigError;
use super::settings::Settings;

/// The paths of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The config file, whether it exists or not.
    pub config_file: PathBuf,
    /// Whether a person named the config file; then it must exist.
    pub config_named: bool,
    /// The folder of the database.
    pub data_dir: PathBuf,
    /// The folder of the logs.
    pub log_dir: PathBuf,
}

/// There is no home folder to put files into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this user has no home folder, so there is no place for Corkboard's files")]
pub struct NoHome;

impl NoHome {
    /// What a person can do about it.
    pub fn help(self) -> &'static str {
        "set HOME, or name both places with --config FILE and --data-dir DIR"
    }
}

impl Paths {
    /// The paths for what was named on the command line or in the environment, and the platform's for the rest. A
    /// named data folder holds the logs too, so that a run that is given one leaves nothing elsewhere.
    pub fn find(config: Option<&Path>, data_dir: Option<&Path>) -> Result<Self, NoHome> {
        let dirs = ProjectDirs::from("", "", "corkboard");
        let config_file = match (config, &dirs) {
            (Some(file), _) => file.to_owned(),
            (None, Some(dirs)) => dirs.config_dir().join("config.toml"),
            (None, None) => return Err(NoHome),
        };
        let (data_dir, log_dir) = match (data_dir, &dirs) {
            (Some(dir), _) => (dir.to_owned(), dir.join("log")),
            (None, Some(dirs)) => {
                let state = dirs.state_dir().unwrap_or(dirs.data_local_dir());
                (dirs.data_dir().to_owned(), state.join("log"))
            }
            (None, None) => return Err(NoHome),
        };
        Ok(Self { config_file, config_named: config.is_some(), data_dir, log_dir })
    }

    /// The settings of the config file; those of the built-in board, without a source, when nobody named a file and
    /// there is none yet.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        match super::load(&self.config_file) {
            Err(ConfigError::Read { source, .. })
                if !self.config_named && source.kind() == std::io::ErrorKind::NotFound =>
            {
                Ok(Settings { file: Some(self.config_file.clone()), ..Settings::default() })
            }
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_wins() {
        let paths = Paths::find(Some(Path::new("/a/b.toml")), Some(Path::new("/d"))).expect("named");
        assert_eq!(paths.config_file, Path::new("/a/b.toml"));
        assert_eq!(
            (paths.data_dir.as_path(), paths.log_dir.as_path()),
            (Path::new("/d"), Path::new("/d/log"))
        );
    }

    #[test]
    fn a_named_file_must_exist_and_a_standard_one_need_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut paths = Paths::find(Some(&dir.path().join("none.toml")), Some(dir.path())).expect("named");
        assert!(paths.settings().is_err());
        paths.config_named = false;
        let built_in = Settings { file: Some(paths.config_file.clone()), ..Settings::default() };
        assert_eq!(paths.settings().expect("built in"), built_in);
    }
}
