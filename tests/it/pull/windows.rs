//! Pulls windows: what is kept, what a second pull costs, what a failure leaves.

use super::memory::{Memory, Unwatched, one_window};
use super::server::{Fault, Row, Server, first_day, rows};
use chrono::Days;
use quadra::api::Resource;
use quadra::extract::{Error, Window, WindowState, plan, pull};
use std::future::{pending, ready};

#[tokio::test]
async fn every_document_is_kept_once() {
    for count in [0, 1, 5, 99, 100, 101, 195, 196, 350] {
        let server = Server::start(rows(count)).await;
        let mut memory = Memory::default();
        let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
        assert!(tally.is_complete(), "{count}");
        assert_eq!(memory.documents.len(), count);
        assert_eq!(tally.documents_new, u64::try_from(count).unwrap());
        assert_eq!(tally.documents_seen, tally.documents_new, "{count}");
        assert_eq!(tally.windows[0].rows, tally.documents_new);
        let bodies = server.script().rows.iter().all(|row| memory.documents[&row.id] == row.body());
        assert!(bodies, "{count}");
    }
}

#[tokio::test]
async fn short_pages_do_not_end_a_list() {
    for page_rows_max in [2, 3, 7, 50, 99] {
        let server = Server::start(rows(180)).await;
        server.script().page_rows_max = Some(page_rows_max);
        let (client, mut memory) = (server.client(), Memory::default());
        let tally = memory.pull(&client, &one_window()).await.unwrap();
        assert_eq!((memory.documents.len(), tally.is_complete()), (180, true), "{page_rows_max}");
        let tally = memory.pull(&client, &one_window()).await.unwrap();
        assert!(tally.windows[0].unchanged, "{page_rows_max}");
    }
}

#[tokio::test]
async fn second_pull_costs_one_request() {
    for count in [0, 1, 100, 250] {
        let server = Server::start(rows(count)).await;
        let (client, mut memory) = (server.client(), Memory::default());
        memory.pull(&client, &one_window()).await.unwrap();
        let writes = memory.writes;
        let tally = memory.pull(&client, &one_window()).await.unwrap();
        assert_eq!((tally.requests, memory.writes - writes), (1, 0), "{count}");
        assert!(tally.windows[0].unchanged && tally.is_complete());
        assert_eq!(tally.windows[0].rows, u64::try_from(count).unwrap());
    }
}

#[tokio::test]
async fn growth_alone_is_read() {
    for (count, came, requests) in [(0, 1, 3), (250, 1, 4), (5_000, 300, 7), (40_000, 1_000, 13)] {
        for at in [0, count] {
            let server = Server::start(rows(count)).await;
            let (client, mut memory) = (server.client(), Memory::default());
            memory.pull(&client, &one_window()).await.unwrap();
            let late = (0..came).map(|n| Row { id: format!("late-{n}"), ..rows(1)[0].clone() });
            server.script().rows.splice(at..at, late);
            let tally = memory.pull(&client, &one_window()).await.unwrap();
            assert!(!tally.windows[0].unchanged && tally.is_complete());
            assert_eq!(tally.documents_new, came as u64, "{count} at {at}");
            assert_eq!(tally.windows[0].rows, (count + came) as u64);
            assert!(tally.requests <= requests, "{count} at {at}: {} requests", tally.requests);
            let again = memory.pull(&client, &one_window()).await.unwrap();
            assert!(again.windows[0].unchanged && again.requests == 1, "{count} at {at}");
        }
    }
}

#[tokio::test]
async fn scattered_growth_is_found_by_halving() {
    let server = Server::start(rows(20_000)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    for (n, at) in [(0, 3_000), (1, 11_111), (2, 11_112), (3, 19_990), (4, 0), (5, 20_005)] {
        let late = Row { id: format!("late-{n}"), ..rows(1)[0].clone() };
        server.script().rows.insert(at, late);
    }
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!((tally.documents_new, tally.is_complete()), (6, true));
    assert!(tally.requests < 40, "{} requests, and 211 pages", tally.requests);
    assert_eq!(memory.sweeps(), 1);
}

#[tokio::test]
async fn shrinkage_is_read_whole() {
    for count in [1, 100, 250] {
        let server = Server::start(rows(count)).await;
        let (client, mut memory) = (server.client(), Memory::default());
        memory.pull(&client, &one_window()).await.unwrap();
        server.script().rows.remove(count / 2);
        let tally = memory.pull(&client, &one_window()).await.unwrap();
        assert_eq!(tally.windows[0].rows, count as u64 - 1);
        assert_eq!((memory.sweeps(), tally.is_complete()), (2, true));
    }
}

#[tokio::test]
async fn failed_catching_up_keeps_what_is_known() {
    let server = Server::start(rows(5_000)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    let late = (0..400).map(|n| Row { id: format!("late-{n}"), ..rows(1)[0].clone() });
    server.script().rows.splice(0..0, late);
    server.then([Fault::None, Fault::None, Fault::json(401, "{}")]);
    memory.pull(&client, &one_window()).await.unwrap_err();
    assert_eq!(memory.windows[&one_window()[0]].state, Some(WindowState::Settled));
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert!(tally.is_complete() && tally.requests < 10, "{}", tally.requests);
    assert_eq!(memory.documents.len(), 5_400);
}

#[tokio::test]
async fn asked_sweep_reads_everything() {
    let server = Server::start(rows(250)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    memory.must_sweep = true;
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!((tally.requests, tally.documents_known, memory.sweeps()), (3, 250, 2));
}

#[tokio::test]
async fn unknown_rows_leave_the_count_alone() {
    let server = Server::start(rows(250)).await;
    let (client, mut memory) =
        (server.client(), Memory { forgets_keys: true, ..Memory::default() });
    memory.pull(&client, &one_window()).await.unwrap();
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert!(tally.windows[0].unchanged && tally.requests == 1);
    server.script().rows.insert(0, Row { id: "late".to_owned(), ..rows(1)[0].clone() });
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!((tally.documents_new, tally.windows[0].rows), (1, 251));
}

#[tokio::test]
async fn exchanged_last_row_is_noticed() {
    let server = Server::start(rows(30)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    memory.pull(&client, &one_window()).await.unwrap();
    server.script().rows[29].id = "other".to_owned();
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!(tally.documents_new, 1);
}

#[tokio::test]
async fn nameless_rows_are_put_aside_once() {
    let mut receipts = rows(230);
    for nameless in [0, 97, 98, 229] {
        receipts[nameless].id = String::new();
        receipts[nameless].day = first_day() - Days::new(u64::try_from(nameless % 2).unwrap());
    }
    receipts[98].status = "odd";
    let server = Server::start(receipts).await;
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &one_window()).await.unwrap();
    // Rows 97 and 229 are the same text: what has no name is told apart by its content.
    assert_eq!((memory.documents.len(), memory.put_aside.len()), (226, 3));
    assert_eq!((tally.put_aside, tally.windows[0].state), (3, WindowState::Settled));
    assert!(!tally.is_complete());
}

#[tokio::test]
async fn crash_resumes_at_the_checkpoint() {
    for pages_before in 0..5 {
        let server = Server::start(rows(430)).await;
        let client = server.client();
        let mut memory = Memory { pages_left: Some(pages_before), ..Memory::default() };
        let error = memory.pull(&client, &one_window()).await.unwrap_err();
        assert!(matches!(error, Error::Sink { .. }), "{error}");
        memory.pages_left = None;
        let tally = memory.pull(&client, &one_window()).await.unwrap();
        assert_eq!(memory.documents.len(), 430);
        assert!(tally.is_complete());
        assert_eq!(tally.windows[0].rows, 430);
        let pages_saved = u64::try_from(pages_before).unwrap();
        // The last page alone shows no longer one beside it, so its end is asked for.
        let to_be_sure = u64::from(pages_before == 4);
        assert_eq!(tally.requests, 5 - pages_saved + to_be_sure, "{pages_before}");
        let again = memory.pull(&client, &one_window()).await.unwrap();
        assert!(again.windows[0].unchanged);
    }
}

#[tokio::test]
async fn moved_checkpoint_is_read_from_the_start() {
    let server = Server::start(rows(430)).await;
    let client = server.client();
    let mut memory = Memory { pages_left: Some(2), ..Memory::default() };
    memory.pull(&client, &one_window()).await.unwrap_err();
    memory.pages_left = None;
    server.script().rows.remove(10);
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!(tally.requests, 6, "one page shows the drift, five read the list");
    assert_eq!((tally.windows[0].rows, tally.is_complete()), (429, true));
    assert_eq!(memory.documents.len(), 430, "what was read is never deleted");
}

/// Returns windows of a day each, far enough apart that their padding does not meet.
fn distant_windows(count: u64) -> Vec<Window> {
    (0..count)
        .map(|n| first_day() + Days::new(10 * n))
        .flat_map(|day| plan(Resource::Receipts, &[], day, day, 1))
        .collect()
}

fn states(windows: &[quadra::extract::WindowTally]) -> Vec<&str> {
    windows.iter().map(|window| window.state.as_str()).collect()
}

#[tokio::test]
async fn failed_window_leaves_others_settled() {
    let server = Server::start(rows(3)).await;
    server.then(vec![Fault::json(500, "")]);
    let settings = quadra::api::Settings { attempts_max: 1, ..server.settings() };
    let client = quadra::api::Client::new(settings, quadra::clock::Clock::System).unwrap();
    let mut memory = Memory::default();
    let windows = distant_windows(6);
    let tally = memory.pull(&client, &windows).await.unwrap();
    let unsettled: Vec<_> = tally.windows.iter().filter(|window| window.error.is_some()).collect();
    assert_eq!(unsettled.len(), 1);
    assert_eq!(unsettled[0].state, WindowState::Unsettled);
    assert_eq!(states(&tally.windows).iter().filter(|state| **state == "settled").count(), 5);
    assert!(!tally.is_complete());
    let tally = memory.pull(&client, &windows).await.unwrap();
    assert_eq!(states(&tally.windows), vec!["settled"; 6]);
    assert!(tally.requests <= 7, "five probes and one window: {}", tally.requests);
}

#[tokio::test]
async fn dead_server_is_left_alone_soon() {
    let server = Server::start(rows(3)).await;
    server.script().always = Some(Fault::json(503, ""));
    let mut memory = Memory::default();
    let tally = memory.pull(&server.client(), &distant_windows(100)).await.unwrap();
    assert_eq!(states(&tally.windows), vec!["unsettled"; 100]);
    // Eight windows of three attempts, and those of the others that were under way.
    assert!((24..=33).contains(&tally.requests), "{}", tally.requests);
    assert!(tally.windows.iter().any(|window| window.error.is_some()));
}

#[tokio::test]
async fn refused_token_ends_the_pull() {
    let server = Server::start(rows(3)).await;
    server.script().always = Some(Fault::json(401, "{}"));
    let mut memory = Memory::default();
    let error = memory.pull(&server.client(), &distant_windows(30)).await.unwrap_err();
    assert!(error.hint().unwrap().contains("token"));
    let Error::Refused { tally, .. } = error else { panic!("{error}") };
    assert_eq!((tally.windows.len(), memory.writes), (30, 0));
    assert!(tally.requests <= 4, "{}", tally.requests);
}

#[tokio::test]
async fn deferral_keeps_what_was_read() {
    let server = Server::start(rows(250)).await;
    server.then([Fault::None, Fault::None, Fault::busy(429, "7200")]);
    let (client, mut memory) = (server.client(), Memory::default());
    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!(tally.windows[0].state, WindowState::Deferred);
    assert!(tally.deferred_until.is_some() && !tally.is_complete());
    assert_eq!((memory.documents.len(), tally.windows[0].rows), (195, 195));
    assert_eq!(memory.windows[&one_window()[0]].state, Some(WindowState::Deferred));

    let tally = memory.pull(&client, &one_window()).await.unwrap();
    assert_eq!((tally.requests, tally.documents_new), (2, 55), "it goes on where it stopped");
    assert!(tally.is_complete());
}

#[tokio::test]
async fn unreached_windows_keep_what_is_known() {
    let server = Server::start(rows(3)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    let windows = distant_windows(9);
    memory.pull(&client, &windows).await.unwrap();
    server.script().always = Some(Fault::busy(503, "7200"));
    let writes = memory.writes;
    let tally = memory.pull(&client, &windows).await.unwrap();
    assert_eq!((states(&tally.windows), memory.writes), (vec!["deferred"; 9], writes));
    server.script().always = None;
    let tally = memory.pull(&client, &windows).await.unwrap();
    assert_eq!(tally.requests, 9, "one probe a window");
}

#[tokio::test]
async fn cancel_stops_between_pages() {
    let server = Server::start(rows(1000)).await;
    let (client, mut memory) = (server.client(), Memory::default());
    let tally = pull(&client, &one_window(), &mut memory, &Unwatched, ready(())).await.unwrap();
    assert!(tally.interrupted && !tally.is_complete());
    assert_eq!((tally.requests, memory.writes), (0, 0));

    server.then([Fault::None, Fault::None, Fault::Hang]);
    let waited = tokio::time::sleep(std::time::Duration::from_millis(300));
    let tally = pull(&client, &one_window(), &mut memory, &Unwatched, waited).await.unwrap();
    assert!(tally.interrupted);
    assert_eq!((memory.documents.len(), tally.windows[0].rows), (195, 195));
    let tally = pull(&client, &one_window(), &mut memory, &Unwatched, pending()).await.unwrap();
    assert_eq!((memory.documents.len(), tally.documents_new), (1000, 805));
}

#[test]
fn a_pull_can_move_between_threads() {
    fn can_move<T: Send>(_: &T) {}
    let settings = quadra::api::Settings { token: "t".to_owned().into(), ..Default::default() };
    let client = quadra::api::Client::new(settings, quadra::clock::Clock::System).unwrap();
    let mut memory = Memory::default();
    let windows = one_window();
    can_move(&pull(&client, &windows, &mut memory, &Unwatched, pending()));
}
