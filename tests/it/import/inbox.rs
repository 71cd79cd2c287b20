//! A job's inbox: done files move to `done/`, bad ones to `rejected/` with the reason.

use quadra::sandbox::{Fault, Habits};
use quadra::worker::{ImportIntake, Limits, take_in_invoices};

use super::{Stage, hasty, up_to};

async fn take_in(stage: &Stage, limits: &Limits) -> ImportIntake {
    let inbox = stage.folder.path().join("inbox");
    let never = std::future::pending::<()>;
    take_in_invoices(&stage.ctx, &inbox, limits, never).await.unwrap()
}

fn names(stage: &Stage, folder: &str) -> Vec<String> {
    let path = stage.folder.path().join("inbox").join(folder);
    let mut names: Vec<String> = std::fs::read_dir(path)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.path().is_file())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

#[tokio::test]
async fn files_move_by_what_became_of_them() {
    let stage = Stage::start(Habits::default()).await;
    stage.write("inbox/good.xml", "1/J");
    stage.copy("notices/IT33401825030_N0001.xml", "inbox/IT33401825030_N0001.xml");
    stage.copy("notices/IT33401825030_N0001_RC_001.xml", "inbox/IT33401825030_N0001_RC_001.xml");
    stage.copy("notices/IT33401825030_N0009_RC_001.xml", "inbox/IT33401825030_N0009_RC_001.xml");
    stage.copy("IT33401825030_00003.xml", "inbox/lot.xml");
    stage.copy("refused/cut.xml", "inbox/cut.xml");
    stage.copy("marzo.zip", "inbox/marzo.zip");
    let intake = take_in(&stage, &hasty()).await;
    assert_eq!((intake.done, intake.rejected, intake.left), (3, 3, 1));
    assert_eq!(
        names(&stage, "done"),
        ["IT33401825030_N0001.xml", "IT33401825030_N0001_RC_001.xml", "good.xml"]
    );
    assert_eq!(
        names(&stage, "rejected"),
        ["cut.xml", "cut.xml.txt", "lot.xml", "lot.xml.txt", "marzo.zip", "marzo.zip.txt"]
    );
    // A receipt whose invoice has not come waits for it.
    assert_eq!(names(&stage, ""), ["IT33401825030_N0009_RC_001.xml"]);
    let inbox = stage.folder.path().join("inbox/rejected");
    let why = |name: &str| std::fs::read_to_string(inbox.join(name)).unwrap();
    assert!(why("lot.xml.txt").contains("a lot of 2 documents"));
    // The zip's good members were imported; its courtesy copy was not.
    assert!(why("marzo.zip.txt").contains("a PDF"), "{}", why("marzo.zip.txt"));
    assert!(stage.imported().contains(&"40/A".to_owned()));
}

#[tokio::test]
async fn what_could_not_be_sent_stays() {
    let stage = Stage::start(Habits::default()).await;
    stage.write("inbox/a.xml", "1/K");
    stage.write("inbox/b.xml", "2/K");
    let intake = take_in(&stage, &up_to("0.05")).await;
    assert_eq!((intake.done, intake.left), (1, 1));
    assert_eq!(names(&stage, ""), ["b.xml"]);
    stage.handle().fail_next_on("POST /IT-invoices_import", 1, Fault::no_credit());
    let intake = take_in(&stage, &hasty()).await;
    assert!(intake.end.error.is_some() && intake.left == 1);
    let intake = take_in(&stage, &hasty()).await;
    assert!(intake.is_complete());
    assert_eq!(names(&stage, "done"), ["a.xml", "b.xml"]);
    assert_eq!(stage.imported(), ["1/K", "2/K"]);
}
