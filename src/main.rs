//! The `cocoasim` program.

fn main() -> std::process::ExitCode {
    cocoasim::cli::main()
}
