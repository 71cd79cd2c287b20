//! Each hazard that a trusted tool fell for, named after it.

use super::small::{classes, compared, findings, left_classes, pairs};

const KEYED: &str = "keys = [\"id\"]\n[compare]\namount = \"0.01\"\n";

fn table(rows: &[&str]) -> String {
    format!("id,amount\n{}\n", rows.join("\n"))
}

#[test]
fn swapped_duplicates_still_match_all() {
    let found =
        compared(KEYED, &table(&["A,1.00", "A,2.00"]), &table(&["A,2.00", "A,1.00"])).unwrap();
    assert_eq!(pairs(&found), [(1, 2, "matched"), (2, 1, "matched")]);
}

#[test]
fn an_exact_partner_is_not_taken_by_the_first_copy() {
    // The first left row is near enough to take what the second one matches exactly.
    let found = compared(KEYED, &table(&["A,1.01", "A,1.00"]), &table(&["A,1.00"])).unwrap();
    assert_eq!(pairs(&found), [(2, 1, "matched")]);
    assert_eq!(left_classes(&found)[1], ("missing_right".to_owned(), 1));
}

#[test]
fn duplicate_keys_give_one_answer_for_any_order() {
    let rows = ["A,1.00", "A,2.00", "A,5.00", "A,5.00"];
    let right = table(&["A,2.00", "A,1.50", "A,5.00"]);
    let mut seen = std::collections::BTreeSet::new();
    for turn in 0..rows.len() {
        let mut turned = rows;
        turned.rotate_left(turn);
        let found = compared(KEYED, &table(&turned), &right).unwrap();
        seen.insert(classes(&found));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[test]
fn duplicates_are_never_dropped_in_silence() {
    let found = compared(KEYED, &table(&["A,1.00", "A,1.00", "A,1.00"]), &table(&["A,1.00"]));
    let found = found.unwrap();
    let expected = [("matched".to_owned(), 1), ("duplicate".to_owned(), 2)];
    assert_eq!(left_classes(&found), expected);
    let kinds: Vec<String> = findings(&found).into_iter().map(|line| line[0].clone()).collect();
    assert_eq!(kinds, ["duplicate", "duplicate"]);
}

#[test]
fn duplicate_surplus_is_not_called_missing() {
    let found = compared(KEYED, &table(&["A,1.00"]), &table(&["A,1.00", "A,1.00"])).unwrap();
    assert!(classes(&found).contains("duplicate") && !classes(&found).contains("missing"));
}

#[test]
fn a_difference_of_exactly_the_tolerance_is_within() {
    for (left, right) in [("0.30", "0.29"), ("1.15", "1.16"), ("10.00", "9.99"), ("-3", "-3.01")] {
        let rows = [format!("A,{left}"), format!("A,{right}")];
        let found = compared(KEYED, &table(&[&rows[0]]), &table(&[&rows[1]])).unwrap();
        assert_eq!(pairs(&found), [(1, 1, "matched_within_tolerance")], "{left} {right}");
    }
    let found = compared(KEYED, &table(&["A,0.30"]), &table(&["A,0.28"])).unwrap();
    assert_eq!(pairs(&found), [(1, 1, "differing")]);
}

#[test]
fn large_amounts_are_not_confused_by_a_float() {
    let rules = "keys = [\"id\"]\n[compare]\namount = \"0\"\n";
    let found = compared(rules, &table(&["A,90071992547409.93"]), &table(&["A,90071992547409.92"]));
    let found = found.unwrap();
    assert_eq!(pairs(&found), [(1, 1, "differing")]);
    assert_eq!(findings(&found)[0][7], "0.01");
}

#[test]
fn a_misspelt_column_names_the_nearest() {
    for (rules, wanted) in [
        ("keys = [\"id\"]\n[compare]\namuont = \"0.01\"\n", "`amuont`"),
        ("keys = [\"idd\"]\n[compare]\namount = \"0.01\"\n", "`idd`"),
        ("keys = [\"id\"]\n[[passes]]\nname = \"p\"\non = [\"amonut\"]\n", "`amonut`"),
        ("keys = [\"id\"]\n[columns.right]\n\"Imprto\" = \"amount\"\n", "`Imprto`"),
    ] {
        let right = "id,amount,Importo\nA,1,1\n";
        let error = compared(rules, &table(&["A,1"]), right).err().unwrap().to_string();
        assert!(error.contains(wanted) && error.contains("did you mean `"), "{error}");
    }
    let error = compared("key = [\"id\"]\n", "id\n1\n", "id\n1\n").err().unwrap().to_string();
    assert!(error.contains("`key`") && error.contains("did you mean `keys`"), "{error}");
}

#[test]
fn relative_tolerance_is_the_same_from_either_side() {
    let rules = "keys = [\"id\"]\n[compare]\namount = \"1%\"\n";
    for (a, b, class) in [
        ("100.00", "99.00", "matched_within_tolerance"),
        ("99.00", "100.00", "matched_within_tolerance"),
        ("100.00", "98.99", "differing"),
        ("98.99", "100.00", "differing"),
    ] {
        let rows = [format!("A,{a}"), format!("A,{b}")];
        let found = compared(rules, &table(&[&rows[0]]), &table(&[&rows[1]])).unwrap();
        assert_eq!(pairs(&found), [(1, 1, class)], "{a} {b}");
    }
}

#[test]
fn empty_keys_meet_nothing() {
    let found = compared(KEYED, &table(&[",1.00", "A,2.00"]), &table(&[",1.00", "A,2.00"]));
    let found = found.unwrap();
    assert_eq!(pairs(&found), [(2, 2, "matched")]);
    let lines = findings(&found);
    assert_eq!([&lines[0][0], &lines[1][0]], ["missing_right", "missing_left"]);
    assert!(lines[0][9].contains("empty key meets nothing"), "{}", lines[0][9]);
}

#[test]
fn files_whose_checksums_cancel_out_do_not_match() {
    // Two equal rows cancel out in an exclusive or, so four rows look like two.
    let found = compared(
        KEYED,
        &table(&["A,1.00", "B,2.00"]),
        &table(&["A,1.00", "B,2.00", "C,3.00", "C,3.00"]),
    );
    let found = found.unwrap();
    assert!(classes(&found).ends_with(
        "{\"matched\":{\"rows\":2},\"missing_left\":{\"rows\":1},\"duplicate\":{\"rows\":1}}"
    ));
}

#[test]
fn one_row_satisfies_one_row_only() {
    let rules = "[compare]\namount = \"0\"\n[[passes]]\nname = \"amount\"\non = [\"amount\"]\n";
    let found =
        compared(rules, &table(&["A,1.00"]), &table(&["X,1.00", "Y,1.00", "Z,1.00"])).unwrap();
    // The three say the same in what is compared: one pairs, the others repeat it.
    assert_eq!(found.pair_count(), 1);
    assert_eq!(found.statement().right.rows, 3);
}

#[test]
fn a_group_is_summed_whole() {
    let rules = "amount = \"amount\"\n[compare]\namount = \"0\"\n\
                 [[groups]]\nname = \"payout\"\nmany = \"left\"\non = [\"id\"]\n";
    let many: Vec<String> = (0..250).map(|_| "P1,1.01".to_owned()).collect();
    let rows: Vec<&str> = many.iter().map(String::as_str).collect();
    let found = compared(rules, &table(&rows), &table(&["P1,252.50"])).unwrap();
    assert_eq!(left_classes(&found), [("matched".to_owned(), 250)]);
    let found = compared(rules, &table(&rows), &table(&["P1,252.51"])).unwrap();
    assert_eq!(left_classes(&found), [("differing".to_owned(), 250)]);
    assert_eq!(findings(&found).len(), 1);
    assert_eq!(findings(&found)[0][7], "-0.01");
}

#[test]
fn a_group_of_two_currencies_does_not_pass() {
    let rules = "amount = \"amount\"\ncurrency = \"currency\"\n[compare]\namount = \"0\"\n\
                 [[groups]]\nname = \"payout\"\nmany = \"left\"\non = [\"id\"]\n";
    let left = "id,amount,currency\nP,1.00,EUR\nP,1.00,USD\n";
    let found = compared(rules, left, "id,amount,currency\nP,2.00,EUR\n").unwrap();
    assert!(pairs(&found).iter().all(|(_, _, class)| *class != "matched"));
}

#[test]
fn different_currencies_never_meet() {
    let rules = "keys = [\"id\"]\ncurrency = \"currency\"\n[compare]\namount = \"0\"\n";
    let found =
        compared(rules, "id,amount,currency\nA,1.00,EUR\n", "id,amount,currency\nA,1.00,USD\n");
    let found = found.unwrap();
    assert_eq!(found.pair_count(), 0);
    let currencies: Vec<&String> = found.statement().currencies.keys().collect();
    assert_eq!(currencies, ["EUR", "USD"]);
}

#[test]
fn the_direction_of_a_difference_is_kept() {
    for (left, right, difference) in [("1.00", "2.00", "-1.00"), ("2.00", "1.00", "1.00")] {
        let rows = [format!("A,{left}"), format!("A,{right}")];
        let found = compared(KEYED, &table(&[&rows[0]]), &table(&[&rows[1]])).unwrap();
        assert_eq!(findings(&found)[0][7], difference);
        assert_eq!(pairs(&found), [(1, 1, "differing")]);
    }
}

#[test]
fn overpayment_does_not_skip_the_tolerance() {
    let rules = "keys = [\"id\"]\n[compare]\namount = \"-0.00 +0.50\"\n";
    for (right, class) in
        [("10.50", "matched_within_tolerance"), ("10.51", "differing"), ("9.99", "differing")]
    {
        let row = format!("A,{right}");
        let found = compared(rules, &table(&["A,10.00"]), &table(&[&row])).unwrap();
        assert_eq!(pairs(&found), [(1, 1, class)], "{right}");
    }
}

#[test]
fn groups_do_not_depend_on_row_order() {
    let rules = "amount = \"amount\"\n[compare]\namount = \"0\"\n\
                 [[groups]]\nname = \"batch\"\nmany = \"left\"\non = [\"id\"]\nsubset = 12\n";
    let rows = ["P,10.00", "P,20.00", "P,7.00", "P,3.50"];
    for turn in 0..rows.len() {
        let mut turned = rows;
        turned.rotate_left(turn);
        let found = compared(rules, &table(&turned), &table(&["P,27.00", "P,13.50"])).unwrap();
        assert_eq!(left_classes(&found), [("matched".to_owned(), 4)], "{turn}");
    }
    // 30 is 10 + 20 and also 10 + 7 + 13: nobody guesses.
    let doubtful = table(&["P,10.00", "P,20.00", "P,7.00", "P,13.00"]);
    let found = compared(rules, &doubtful, &table(&["P,30.00"])).unwrap();
    assert!(classes(&found).ends_with("{\"ambiguous\":{\"rows\":1}}"), "{}", classes(&found));
}

#[test]
fn this_weeks_debit_does_not_eat_last_weeks() {
    let rules = "[compare]\namount = \"0\"\ndate = \"7d\"\n[[passes]]\nname = \"amount and week\"\n\
                 on = [\"amount\"]\nwithin = { date = \"7d\" }\n";
    let left = "id,amount,date\na,9.99,2026-03-02\nb,9.99,2026-03-09\n";
    let right = "id,amount,date\nx,9.99,2026-03-10\ny,9.99,2026-03-03\n";
    let found = compared(rules, left, right).unwrap();
    let class = "matched_within_tolerance";
    assert_eq!(pairs(&found), [(1, 2, class), (2, 1, class)]);
}

#[test]
fn a_greedy_first_match_steals_no_partner() {
    // a is one day from X and two from Y; b only reaches X.
    let rules = "[compare]\namount = \"0\"\ndate = \"2d\"\n[[passes]]\nname = \"amount and days\"\n\
                 on = [\"amount\"]\nwithin = { date = \"2d\" }\n";
    let left = "id,amount,date\na,5,2026-03-03\nb,5,2026-03-01\n";
    let right = "id,amount,date\nX,5,2026-03-02\nY,5,2026-03-05\n";
    let found = compared(rules, left, right).unwrap();
    let seen = pairs(&found);
    let class = "matched_within_tolerance";
    assert_eq!(seen, [(1, 2, class), (2, 1, class)]);
}

#[test]
fn no_amount_alone_is_confirmed_with_a_second_candidate() {
    let rules = "[compare]\namount = \"0\"\nvendor = \"exact\"\n[[passes]]\nname = \"amount\"\n\
                 on = [\"amount\"]\nunique = true\n";
    let left = "id,amount,vendor\na,5,x\n";
    let found = compared(rules, left, "id,amount,vendor\nb,5,x\nc,5,y\n").unwrap();
    assert_eq!(found.pair_count(), 0);
    assert!(classes(&found).starts_with("{\"ambiguous\":{\"rows\":1}}"));
}

#[test]
fn days_that_are_not_covered_are_not_missing() {
    let rules = "keys = [\"id\"]\n[compare]\namount = \"0\"\n[cover]\ndate = \"date\"\ngrace = \"3d\"\nas_of = \"2026-01-31\"\n";
    let left = "id,amount,date\nA,1,2026-01-10\nB,1,2026-01-31\nC,1,2026-01-29\nD,1,2026-01-20\nE,1,2025-12-31\n";
    let right = "id,amount,date\nA,1,2026-01-10\nZ,1,2026-01-31\nY,1,2026-01-01\n";
    let found = compared(rules, left, right).unwrap();
    let counts: Vec<(String, u64)> = left_classes(&found);
    let expected = [("matched", 1), ("missing_right", 1), ("pending", 2), ("out_of_window", 1)];
    assert_eq!(counts, expected.map(|(class, rows)| (class.to_owned(), rows)));
    let told = findings(&found);
    let reason = &told.iter().find(|line| line[0] == "pending").unwrap()[9];
    assert!(reason.contains("2026-02-04") || reason.contains("2026-02-02"), "{reason}");
    let reason = &told.iter().find(|line| line[0] == "out_of_window").unwrap()[9];
    assert!(reason.contains("2026-01-01..2026-01-31"), "{reason}");
}

#[test]
fn a_row_of_too_many_cells_is_told() {
    let found = compared(KEYED, "id,amount\nA,1,00\nB,2\n", &table(&["B,2"])).unwrap();
    assert_eq!(left_classes(&found), [("matched".to_owned(), 1), ("excluded".to_owned(), 1)]);
    assert_eq!(findings(&found)[0][0], "file_rejected");
    assert_eq!(found.statement().verdict.as_str(), "incomplete");
}
