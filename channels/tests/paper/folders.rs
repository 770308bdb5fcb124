//! Files in a watched folder, handed over whole and once.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use channels::paper::{After, Envelope, FolderConfig, FolderReceiver, PaperReader};
use channels::{Batch, BoxError, ChannelKind, Cursor, Inbox, RawContent, RawItem, Receive};
use tokio_util::sync::CancellationToken;

/// Keeps each item once, as a real inbox must; fails as often as it is told to.
#[derive(Default)]
struct Kept {
    items: Mutex<Vec<RawItem>>,
    offered: Mutex<usize>,
    failures: Mutex<usize>,
}

#[async_trait]
impl Inbox for Kept {
    async fn cursor(&self) -> Result<Option<Cursor>, BoxError> {
        Ok(None)
    }

    async fn accept(&self, batch: Batch) -> Result<(), BoxError> {
        *self.offered.lock().unwrap() += batch.items.len();
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err("the database is away".into());
        }
        let mut items = self.items.lock().unwrap();
        for item in batch.items {
            if !items.iter().any(|known| known.external_ref == item.external_ref) {
                items.push(item);
            }
        }
        Ok(())
    }
}

impl Kept {
    fn count(&self) -> usize {
        self.items.lock().unwrap().len()
    }

    fn files(&self) -> Vec<Vec<u8>> {
        let items = self.items.lock().unwrap();
        let content = |item: &RawItem| match &item.content {
            RawContent::Whole(bytes) => Envelope::open(bytes).file.to_vec(),
            other => panic!("{other:?}"),
        };
        items.iter().map(content).collect()
    }
}

fn config(folder: &Path, after: After) -> FolderConfig {
    FolderConfig {
        kind: ChannelKind::Letter,
        folder: folder.join("in"),
        after,
        settle: Duration::from_millis(150),
        max_bytes: 10_000,
        memory: folder.join("memory/received"),
        reader: PaperReader::default(),
    }
}

/// Receives until `enough`, then a little longer.
async fn receive(config: FolderConfig, inbox: &Kept, enough: impl Fn() -> bool) -> FolderReceiver {
    let receiver = FolderReceiver::new(config);
    let stop = CancellationToken::new();
    let watch = async {
        let start = Instant::now();
        while !enough() && start.elapsed() < Duration::from_secs(120) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
        stop.cancel();
    };
    tokio::join!(receiver.run(inbox, stop.clone()), watch);
    assert!(enough(), "{:?}", receiver.status().borrow());
    receiver
}

fn pdf(text: &str) -> Vec<u8> {
    format!("%PDF-1.4\n{text}\n%%EOF\n").into_bytes()
}

#[tokio::test]
async fn files_are_moved_when_they_are_stored_and_a_failing_inbox_loses_none() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("scan.pdf"), pdf("one")).unwrap();
    std::fs::write(folder.join("note.txt"), "not paper").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("link.pdf")).unwrap();
    let inbox = Kept { failures: Mutex::new(1), ..Kept::default() };
    let moved = || folder.join("done/scan.pdf").exists();
    let receiver = receive(config(dir.path(), After::Move), &inbox, moved).await;
    assert_eq!(inbox.files(), [pdf("one")]);
    assert_eq!(receiver.status().borrow().received, 1);
    // The scanner uses the same name again for something else.
    std::fs::write(folder.join("scan.pdf"), pdf("two")).unwrap();
    receive(config(dir.path(), After::Move), &inbox, || inbox.count() == 2 && !folder.join("scan.pdf").exists()).await;
    assert_eq!(std::fs::read_dir(folder.join("done")).unwrap().count(), 2);
    assert!(folder.join("note.txt").exists());
    let said = FolderReceiver::new(config(dir.path(), After::Move)).check().await.unwrap();
    assert!(said.contains("holds 1 files") && said.contains("tesseract"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(FolderReceiver::new(config(dir.path(), After::Move)).check().await.is_err());
}

#[tokio::test]
async fn a_file_that_cannot_be_moved_is_stored_once_and_the_operator_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("scan.pdf"), pdf("one")).unwrap();
    // Nothing can be moved into a file.
    std::fs::write(folder.join("done"), "").unwrap();
    let inbox = Kept::default();
    let receiver = receive(config(dir.path(), After::Move), &inbox, || inbox.count() == 1).await;
    assert_eq!(*inbox.offered.lock().unwrap(), 1);
    assert!(receiver.status().borrow().last_error.is_some());
}

#[tokio::test]
async fn a_file_is_taken_only_when_its_end_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    let whole = pdf(&"x".repeat(4000));
    std::fs::write(folder.join("slow.pdf"), &whole[..2000]).unwrap();
    std::fs::write(folder.join("quick.pdf"), pdf("quick")).unwrap();
    let inbox = Kept::default();
    receive(config(dir.path(), After::Move), &inbox, || inbox.count() == 1).await;
    assert_eq!(inbox.files(), [pdf("quick")]);
    std::fs::write(folder.join("slow.pdf"), &whole).unwrap();
    receive(config(dir.path(), After::Move), &inbox, || inbox.count() == 2).await;
    assert_eq!(inbox.files()[1], whole);
}

#[tokio::test]
async fn files_of_another_program_stay_and_are_remembered_over_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    for n in 0..5 {
        std::fs::write(folder.join(format!("fax{n}.pdf")), pdf(&n.to_string())).unwrap();
    }
    let inbox = Kept::default();
    receive(config(dir.path(), After::Leave), &inbox, || inbox.count() == 5).await;
    receive(config(dir.path(), After::Leave), &inbox, || true).await;
    assert_eq!(*inbox.offered.lock().unwrap(), 5, "none was handed over again");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 5);
    // Losing the memory costs only work: the inbox knows them.
    std::fs::remove_file(dir.path().join("memory/received")).unwrap();
    receive(config(dir.path(), After::Leave), &inbox, || *inbox.offered.lock().unwrap() == 10).await;
    assert_eq!(inbox.count(), 5);
}

#[tokio::test]
async fn a_file_held_by_the_fax_server_waits_and_one_too_large_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("held.pdf"), pdf("held")).unwrap();
    std::fs::write(folder.join("large.pdf"), pdf(&"x".repeat(20_000))).unwrap();
    let held = std::fs::File::options().append(true).open(folder.join("held.pdf")).unwrap();
    held.lock().unwrap();
    let inbox = Kept::default();
    receive(config(dir.path(), After::Leave), &inbox, || inbox.count() == 1).await;
    let first = inbox.items.lock().unwrap()[0].clone();
    assert!(matches!(&first.content, RawContent::Unreadable { reason } if reason.contains("large.pdf")), "{first:?}");
    // The only copy of what was not read stays where it is, also where files are moved.
    receive(config(dir.path(), After::Move), &inbox, || true).await;
    assert!(folder.join("large.pdf").exists());
    drop(held);
    receive(config(dir.path(), After::Leave), &inbox, || inbox.count() == 2).await;
}
