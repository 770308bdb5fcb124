//! Brings accounts that are told of calls together with whoever holds the calls.
use channels::HookAnswer;
use channels::phone::request::CallRequest;
use futures_util::future::BoxFuture;

use crate::accounts::{Begun, TakesCalls};
use crate::kernel::database::StoreError;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
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

    fn begun<'a>(&'a self, account: &'a str, from: Instant, to: Instant) -> BoxFuture<'a, Result<Begun, StoreError>> {
        Box::pin(async move {
            let (calls, endless) = Self::begun(self, account, from, to).await?;
            Ok(Begun { calls, endless })
        })
    }
}
