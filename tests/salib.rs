//! The same samples and outputs given to SALib (Iwanaga, Usher and Herman 2022) from PyPI: it must find the same indices.
//!
//! Needs the network, so it runs only when it is asked for: `cargo test --test salib -- --ignored`.

use std::f64::consts::PI;
use std::fs;
use std::path::Path;
use std::process::Command;

use aimarket::experiment::sensitivity::{Design, Factor, Method, analyse};
use aimarket::scenario::Role;
use serde_json::json;

/// Ishigami and Homma (1990) with a = 7, b = 0.1.
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    libm::sin(x[0]) + 7.0 * libm::sin(x[1]).powi(2) + 0.1 * x[2].powi(4) * libm::sin(x[0])
}

/// Design, values and indices of the Ishigami function, as a JSON object.
fn of_ishigami(method: Method, rows: usize) -> serde_json::Value {
    let factor = |draw: usize| Factor { draw, path: format!("x{draw}"), role: Role::Independent };
    let design = Design::new(method, (0..3).map(factor).collect(), 3, rows, 0, 11);
    let places: Vec<_> = (0..design.runs()).map(|run| design.place(run)).collect();
    let points: Vec<Vec<f64>> = places.iter().map(|p| (0..3).map(|i| design.coordinate(*p, i)).collect()).collect();
    let values: Vec<f64> = points.iter().map(|u| ishigami(u)).collect();
    let found = analyse(&design, &values, "1", rows, 11);
    let index = |i: &aimarket::experiment::sensitivity::Index| {
        json!({
            "first": i.first.value, "first_low": i.first.low, "first_high": i.first.high,
            "total": i.total.value, "total_low": i.total.low, "total_high": i.total.high,
            "mu": i.mu, "mu_star": i.mu_star.value, "sigma": i.sigma,
        })
    };
    json!({
        "points": points,
        "moved": places.iter().map(|p| design.moved(*p)).collect::<Vec<_>>(),
        "values": values,
        "indices": found.indices.iter().map(index).collect::<Vec<_>>(),
    })
}

#[test]
#[ignore = "installs SALib from PyPI"]
fn salib_finds_the_same_indices_from_the_same_samples_and_outputs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = tempfile::tempdir().unwrap();
    let ran = |command: &mut Command| {
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{command:?}\n{said}");
        said
    };
    for (name, method, rows) in [("sobol", Method::Both, 1024), ("morris", Method::Morris, 200)] {
        let file = home.path().join(format!("ishigami-{name}.json"));
        fs::write(file, of_ishigami(method, rows).to_string()).unwrap();
        ran(Command::new(assert_cmd::cargo::cargo_bin!("aimarket"))
            .current_dir(home.path())
            .args(["sensitivity", "quick", "--set", "enterprises.count=100", "--until", "2026-06", "--samples", "32"])
            .args(["--parameters", "demand.s*", "--parameters", "pricing.*", "--no-plots", "-q", "--format", "csv"])
            .args(["--method", if name == "sobol" { "both" } else { name }, "-o", name]));
    }
    let environment = root.join("target/salib-env");
    let python = environment.join("bin/python");
    if !python.is_file() {
        ran(Command::new("python3").args(["-m", "venv"]).arg(&environment));
    }
    ran(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "SALib",
        "pandas",
    ]));
    let said = ran(Command::new(&python).arg(root.join("tests/compare_with_salib.py")).arg(home.path()));
    assert!(said.contains("all agree"), "{said}");
}
