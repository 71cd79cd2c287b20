//! Files in a folder: whole, in place, and untouched when already right.

use std::fs;
use std::path::Path;
use std::process::Command;

use quadra::deliver::{Error, folder};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_arrive_in_a_folder_made_for_them() {
    let world = tempfile::tempdir().unwrap();
    let target = world.path().join("a/b");
    let written = folder::write(&target, &[("one.txt", b"1"), ("two.txt", b"2")]).unwrap();
    assert_eq!(written, [target.join("one.txt"), target.join("two.txt")]);
    assert_eq!(fs::read(&written[1]).unwrap(), b"2");
    assert_eq!(names(&target), ["one.txt", "two.txt"]);
}

#[test]
fn same_content_is_left_untouched() {
    let world = tempfile::tempdir().unwrap();
    let inode = |name: &str| {
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(world.path().join(name)).unwrap())
    };
    folder::write(world.path(), &[("same", b"1"), ("other", b"1")]).unwrap();
    let (same, other) = (inode("same"), inode("other"));
    folder::write(world.path(), &[("same", b"1"), ("other", b"2")]).unwrap();
    assert_eq!(inode("same"), same);
    assert_ne!(inode("other"), other);
}

#[test]
fn leftover_of_killed_run_is_cleared() {
    let world = tempfile::tempdir().unwrap();
    fs::write(world.path().join("report.html"), "right").unwrap();
    fs::write(world.path().join(".report.html.part"), "ri").unwrap();
    folder::write(world.path(), &[("report.html", b"right")]).unwrap();
    assert_eq!(names(world.path()), ["report.html"]);
}

#[test]
fn path_instead_of_name_writes_nothing() {
    let world = tempfile::tempdir().unwrap();
    for name in ["../up", "a/b", "", ".hidden", "a\nb", "a\\b"] {
        let error = folder::write(world.path(), &[("good", b"1"), (name, b"2")]).unwrap_err();
        assert!(matches!(error, Error::FileName { .. }), "{name}: {error}");
    }
    assert_eq!(names(world.path()), Vec::<String>::new());
}

#[test]
fn folder_that_is_a_file_is_named() {
    let world = tempfile::tempdir().unwrap();
    let target = world.path().join("taken");
    fs::write(&target, "a file").unwrap();
    let error = folder::write(&target, &[("one", b"1")]).unwrap_err();
    let told =
        format!("{error}; {}", error.hint().unwrap()).replace(world.path().to_str().unwrap(), "");
    insta::assert_snapshot!(told, @"failed to write `/taken`; nothing was kept, earlier files are as they were; make `/taken` writable for the user that runs quadra, or name another folder");
    assert_eq!(fs::read_to_string(&target).unwrap(), "a file");
}

#[test]
fn file_that_cannot_be_replaced_keeps_the_others() {
    let world = tempfile::tempdir().unwrap();
    fs::create_dir(world.path().join("two")).unwrap();
    let error = folder::write(world.path(), &[("one", b"1"), ("two", b"2"), ("three", b"3")]);
    let error = error.unwrap_err();
    let told = error.to_string().replace(world.path().to_str().unwrap(), "");
    insta::assert_snapshot!(told, @"failed to write `/two`; `/one` is in place and whole");
    assert_eq!(names(world.path()), ["one", "two"]);
}

#[test]
fn writers_at_once_leave_whole_files() {
    let world = tempfile::tempdir().unwrap();
    let contents: Vec<Vec<u8>> = (0..8_u8).map(|n| vec![n; 200_000]).collect();
    std::thread::scope(|scope| {
        for content in &contents {
            scope.spawn(|| folder::write(world.path(), &[("report", content)]).unwrap());
        }
    });
    assert_eq!(names(world.path()), ["report"]);
    assert!(contents.contains(&fs::read(world.path().join("report")).unwrap()));
}

/// Where the full disk of the test below is mounted, in the process that has it.
const FULL_DISK: &str = "QUADRA_TEST_FULL_DISK";

#[test]
fn full_disk_is_told_and_leaves_no_half_file() {
    if let Some(disk) = std::env::var_os(FULL_DISK) {
        return write_to_full_disk(Path::new(&disk));
    }
    // A disk of 64 KiB, seen only by a second process of this same test.
    let disk = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=64k tmpfs \"$QUADRA_TEST_FULL_DISK\" || exit 77; \
                  exec \"$0\" --exact deliver::folder::full_disk_is_told_and_leaves_no_half_file";
    let run = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .env(FULL_DISK, disk.path())
        .output();
    match run {
        Ok(output) if output.status.success() => {
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.contains("1 passed"), "{said}");
        }
        Ok(output) if output.status.code() == Some(101) => {
            panic!("{}", String::from_utf8_lossy(&output.stdout))
        }
        other => eprintln!("full disk: skipped, no small disk can be mounted here: {other:?}"),
    }
}

fn write_to_full_disk(disk: &Path) {
    folder::write(disk, &[("report.html", b"yesterday")]).unwrap();
    let large = vec![1; 100_000];
    let files: [(&str, &[u8]); 3] = [("first", b"1"), ("report.html", &large), ("last", b"3")];
    let error = folder::write(disk, &files).unwrap_err();
    assert!(matches!(&error, Error::Full { kept, .. } if kept.written == [disk.join("first")]));
    assert!(error.to_string().contains("no space is left"), "{error}");
    assert_eq!(fs::read(disk.join("report.html")).unwrap(), b"yesterday");
    assert_eq!(names(disk), ["first", "report.html"]);
}
