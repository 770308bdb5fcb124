//! Brings accounts that are told of calls together with whoever holds the calls.
use channels::HookAnswer;
use channels::phone::request::CallRequest;
use futures_util::future::BoxFuture;

use crate::accounts::TakesCalls;
use crate::kernel::problem::Problem;
use crate::telephony::Telephony;

impl TakesCalls for Telephony {
    fn take<'a>(
        &'a self,
        account: &'a str,
        request: CallRequest,
        raw: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<HookAnswer>, Problem>> {
        Box::pin(async move { Ok(Self::take(self, account, request, raw).await?) })
    }
}
