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
    let large = ["--threads", "2", "--set", "population.workers=100000"];
    let refused = run(&out, &[&large[..], &["--memory-limit", "500MiB"]].concat()).code(3);
    let text = said(&refused);
    assert!(text.contains("GiB of memory, more than the limit of 0.49 GiB") && text.contains("--memory-limit"), "{text}");
    assert!(!out.exists(), "nothing is written");
    // What it names is accepted; a day of so many takes long, so that the next lower check alone is asked.
    let most: u32 = text.split("population.workers=").nth(1).and_then(|rest| rest.split(',').next()?.parse().ok()).expect("a number");
    let more = format!("population.workers={}", most + most / 50);
    run(&out, &["--threads", "2", "--set", &more, "--memory-limit", "500MiB"]).code(3);
    assert!(most > 1000 && most < 100_000, "{most}");

    let city = ["--set", "mobility.source=city", "--set", "population.people=130000000", "--memory-limit", "8GiB"];
    let text = said(&run(&out, &city).code(3));
    assert!(text.contains("130000000 people") && text.contains("--set population.people="), "before anybody is drawn: {text}");
}

#[test]
fn what_fits_runs_and_a_bad_amount_is_wrong_input() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let small = ["--threads", "2", "--set", "population.workers=20", "--set", "run.days=1", "--set", "authority.cases=[]"];
    run(&dir.path().join("one"), &[&small[..], &["--memory-limit", "2GiB"]].concat()).success();
    run(&dir.path().join("two"), &[&small[..], &["--memory-limit", "2GiB", "--replicates", "2"]].concat()).success();
    for wrong in ["8", "-1GiB", "0GiB", "much"] {
        let text = said(&run(&dir.path().join("three"), &[&small[..], &["--memory-limit", wrong]].concat()).code(2));
        assert!(text.contains("as in 8GiB"), "{text}");
    }
    assert!(!dir.path().join("three").exists());
}
