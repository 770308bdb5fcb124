//! A person chooses the language of their pages.
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::language::Language;

/// Keeps the language of a person's pages.
///
/// # Errors
/// When the database refuses.
pub async fn change_language(kernel: &Kernel, user: i64, language: Language) -> Result<(), StoreError> {
    kernel.db.write(move |tx| Box::pin(async move { store::set_language(tx, user, language.as_str()).await })).await
}
