#![doc = include_str!("../README.md")]

pub mod analysis;
mod answer;
mod bm25;
mod courtesies;
mod document;
mod error;
mod explain;
mod index;
pub mod lessons;
mod means;
mod passages;
pub mod precedents;
mod query;
mod ranked_word;
mod ranking;
mod schema;
mod search;
mod segment;
mod snapshot;
mod sums;
mod vocabulary;

pub use answer::{Answer, Passage, Reading};
pub use document::{Document, Lang, Visibility};
pub use error::{Error, Result};
pub use explain::{ExplainedWord, Explanation};
pub use index::{Index, Opened};
pub use means::Means;
pub use query::{Audience, Hit, Query};
