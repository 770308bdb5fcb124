//! Who works here: users with a role and units, their sessions, programs' tokens. A sign-in ends in a
//! [`Signed`](crate::kernel::request::Signed) caller; what that caller may do is the kernel's `permissions`.
//!
//! Use cases: [`sign_in`], [`sign_out`], [`sign_out_everywhere`], [`change_password`], [`change_language`],
//! [`add_user`], [`disable_user`], [`unlock_user`], [`reset_password`], [`create_token`], [`revoke_token`], and the look-ups
//! that each request makes: [`find_session`], [`TokenCache::find`].
mod api;
mod change_language;
mod change_password;
mod find_session;
mod model;
mod pages;
mod password;
mod sign_in;
mod sign_out;
mod store;
mod tokens;
mod users;

use actix_web::web;

pub use change_language::change_language;
pub use change_password::{ChangePasswordError, change_password, reset_password};
pub use find_session::find_session;
pub use model::{InvalidUser, Login, Token, User};
pub use password::{InvalidPassword, Password};
pub use sign_in::{Opened, SignInError, SignInLimits, sign_in};
pub use sign_out::{sign_out, sign_out_everywhere};
pub use store::{has_users, login, move_users, user_id};
pub use tokens::{CreatedToken, TokenCache, TokenError, create_body_token, create_token, list_tokens, revoke_token};
pub use users::api::Api;
pub use users::{NewUser, UserError, add_user, disable_user, list_users, unlock_user};

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "sportello_session";

/// The API of the caller, of tokens and of accounts, relative to `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
    users::api::routes(cfg);
}

/// The pages of sign-in, of one's own profile and of accounts.
pub fn page_routes(cfg: &mut web::ServiceConfig) {
    pages::routes(cfg);
    users::pages::routes(cfg);
}
