//! Programs of others that look at pages: run without a shell, in a bounded time, memory and output.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempPath;

/// Address space a program may take, in bytes.
const MEMORY: u64 = 2 << 30;
/// What is kept of a program's complaints, in bytes.
const COMPLAINT: u64 = 2000;

/// How much a program may take and give.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// It is ended after this time.
    pub time: Duration,
    /// Largest output, in bytes.
    pub output: u64,
}

/// A program that did not do its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// There is none of this name.
    #[error("{0} is not installed")]
    Missing(&'static str),
    /// It ended with an error; its own words.
    #[error("{0}: {1}")]
    Failed(&'static str, String),
    /// It took longer than it may.
    #[error("{0} did not end in {1:?}")]
    TooSlow(&'static str, Duration),
    /// It wrote more than it may.
    #[error("{0} wrote more than {1} bytes")]
    TooMuch(&'static str, u64),
}

/// Where programs are looked for, and where files for them are put.
#[derive(Debug, Clone)]
pub struct Programs {
    path: OsString,
    scratch: PathBuf,
}

impl Default for Programs {
    fn default() -> Self {
        Self::new(std::env::var_os("PATH").unwrap_or_default(), std::env::temp_dir())
    }
}

impl Programs {
    /// Programs in the folders of `path`, written like `PATH`, with their files in `scratch`.
    #[must_use]
    pub fn new(path: impl Into<OsString>, scratch: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), scratch: scratch.into() }
    }

    /// The same programs, with their files in `scratch`; an empty path means the system's own folder.
    #[must_use]
    pub fn with_scratch(scratch: &Path) -> Self {
        let default = Self::default();
        if scratch.as_os_str().is_empty() { default } else { Self { scratch: scratch.to_owned(), ..default } }
    }

    /// Where a program is.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(&self.path).map(|folder| folder.join(name)).find(|file| file.is_file())
    }

    /// A folder for files of one task, removed when dropped.
    pub(crate) fn folder(&self) -> Result<tempfile::TempDir, ProgramError> {
        let _reported_by_the_next = std::fs::create_dir_all(&self.scratch);
        tempfile::tempdir_in(&self.scratch).map_err(|e| ProgramError::Failed("scratch", e.to_string()))
    }

    /// A file with this content, removed when dropped.
    pub(crate) fn file(&self, content: &[u8]) -> Result<TempPath, ProgramError> {
        let failed = |e: std::io::Error| ProgramError::Failed("scratch", e.to_string());
        std::fs::create_dir_all(&self.scratch).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.scratch).map_err(failed)?;
        file.write_all(content).map_err(failed)?;
        Ok(file.into_temp_path())
    }

    /// Joins PDF files into one, in `folder`.
    pub(crate) fn unite(&self, files: &[PathBuf], folder: &Path) -> Result<PathBuf, ProgramError> {
        let whole = folder.join("whole.pdf");
        let words: Vec<&OsStr> = files.iter().chain([&whole]).map(|path| path.as_os_str()).collect();
        self.run("pdfunite", &words, &[], Bounds { time: Duration::from_secs(120), output: 1 << 20 })?;
        Ok(whole)
    }

    /// Runs a program to its end and gives what it wrote. Blocks: call it where that is allowed.
    pub(crate) fn run(
        &self,
        name: &'static str,
        words: &[&OsStr],
        input: &[u8],
        bounds: Bounds,
    ) -> Result<Vec<u8>, ProgramError> {
        let program = self.find(name).ok_or(ProgramError::Missing(name))?;
        let failed = |e: std::io::Error| ProgramError::Failed(name, e.to_string());
        let mut command = match self.find("prlimit") {
            Some(prlimit) => {
                let mut command = Command::new(prlimit);
                command.arg(format!("--as={MEMORY}")).arg("--").arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(words).env_clear().env("PATH", &self.path).env("LC_ALL", "C.UTF-8");
        if let Some(languages) = std::env::var_os("TESSDATA_PREFIX") {
            command.env("TESSDATA_PREFIX", languages);
        }
        let _reported_by_the_start = std::fs::create_dir_all(&self.scratch);
        // Pages are read side by side; threads within one would only contend.
        command.env("OMP_THREAD_LIMIT", "1").current_dir(&self.scratch);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().map_err(failed)?;
        let (pipe, output, complaints) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(input)));
            let (said, heard) = std::sync::mpsc::channel::<()>();
            let output = scope.spawn(move || {
                let all = output.map(|o| at_most(o, bounds.output + 1)).unwrap_or_default();
                drop(said);
                all
            });
            let complaints = scope.spawn(move || {
                complaints.map_or_else(Vec::new, |mut c| {
                    let kept = at_most(&mut c, COMPLAINT);
                    let _drained = std::io::copy(&mut c, &mut std::io::sink());
                    kept
                })
            });
            // Who has nothing more to say ends at once: it is not looked for again and again while it works.
            let _nothing_is_sent = heard.recv_timeout(bounds.time);
            let mut pause = Duration::from_micros(200);
            let ended = loop {
                match child.try_wait() {
                    Ok(Some(status)) => break Some(status),
                    Ok(None) if start.elapsed() < bounds.time => std::thread::sleep(pause),
                    _ => break None,
                }
                pause = (pause * 2).min(Duration::from_millis(20));
            };
            if ended.is_none() {
                let _already_ended = child.kill();
                let _collected = child.wait();
            }
            let (output, complaints) = (output.join().unwrap_or_default(), complaints.join().unwrap_or_default());
            match ended {
                None => Err(ProgramError::TooSlow(name, bounds.time)),
                Some(_) if output.len() as u64 > bounds.output => Err(ProgramError::TooMuch(name, bounds.output)),
                Some(status) if !status.success() => {
                    let words = String::from_utf8_lossy(&complaints);
                    let first = words.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
                    Err(ProgramError::Failed(name, first.trim().chars().take(300).collect()))
                }
                Some(_) => Ok(output),
            }
        })
    }
}

fn at_most(pipe: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _what_came = pipe.take(limit).read_to_end(&mut bytes);
    bytes
}
