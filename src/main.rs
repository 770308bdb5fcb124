//! The `sportello` program.
use std::process::ExitCode;

use clap::Parser;

/// With the allocator of the C library the memory of a server grows with the threads that ever held some of it.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    sportello::cli::run(sportello::cli::Arguments::parse())
}
