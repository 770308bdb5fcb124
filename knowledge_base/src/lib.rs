#![doc = include_str!("../README.md")]

pub mod analysis;
mod answer;
mod bm25;
mod document;
mod error;
mod explain;
mod index;
mod passages;
pub mod precedents;
mod query;
mod ranking;
mod schema;
mod search;
mod segment;
mod snapshot;
mod vocabulary;

pub use answer::{Answer, Passage, Reading};
pub use document::{Document, Lang, Visibility};
pub use error::{Error, Result};
pub use explain::{ExplainedWord, Explanation};
pub use index::{Index, Opened};
pub use query::{Audience, Hit, Query};
