//! What does not fit into the memory that a run may take is refused before it starts.

use std::path::Path;

fn run(out: &Path, args: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = assert_cmd::Command::cargo_bin("cocoasim").expect("the binary is built");
    command.args(["run", "office", "--quiet", "--out"]).arg(out).args(args).assert()
}

fn said(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn what_does_not_fit_is_refused_with_what_would() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let out = dir.path().join("out");
    let floor = ["--threads", "2", "--set", "population.workers=1500", "--set", "authority.cases=[]"];
    let refused = run(&out, &[&floor[..], &["--memory-limit", "500MiB"]].concat()).code(3);
    let text = said(&refused);
    assert!(text.contains("GiB of memory, more than the limit of 0.49 GiB"), "{text}");
    assert!(!out.exists(), "nothing is written");
    let enough = text.split("--memory-limit ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a limit that would do");
    assert!(enough.ends_with("GiB") && enough != "0.5GiB", "{text}");

    let city = ["--set", "mobility.source=city", "--set", "population.people=130000000", "--memory-limit", "8GiB"];
    let text = said(&run(&out, &city).code(3));
    assert!(text.contains("130000000 people"), "before anybody is drawn: {text}");
}

#[test]
fn what_fits_runs_and_a_bad_amount_is_wrong_input() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let small = ["--threads", "2", "--set", "population.workers=20", "--set", "run.days=1", "--set", "authority.cases=[]"];
    run(&dir.path().join("one"), &[&small[..], &["--memory-limit", "2GiB"]].concat()).success();
    run(&dir.path().join("two"), &[&small[..], &["--memory-limit", "2GiB", "--replicates", "2"]].concat()).success();
    for wrong in ["8", "0GiB", "much"] {
        let text = said(&run(&dir.path().join("three"), &[&small[..], &["--memory-limit", wrong]].concat()).code(2));
        assert!(text.contains("as in 8GiB"), "{text}");
    }
    assert!(!dir.path().join("three").exists());
}
