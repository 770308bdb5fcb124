//! Brings accounts that are told of calls together with whoever holds the calls, in both directions.
use std::collections::BTreeMap;

use channels::HookAnswer;
use channels::phone::CallEvent;
use channels::phone::line::{LineError, Recorder, Wish};
use channels::phone::request::CallRequest;
use futures_util::future::BoxFuture;

use crate::accounts::{Accounts, Begun, TakesCalls};
use crate::kernel::database::StoreError;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::telephony::{Lines, Telephony};

impl TakesCalls for Telephony {
    fn take<'a>(
        &'a self,
        account: &'a str,
        request: CallRequest,
        raw: &'a [u8],
    ) -> BoxFuture<'a, Result<Option<HookAnswer>, Problem>> {
        Box::pin(async move { Ok(Self::take(self, account, request, raw).await?) })
    }

    fn tell<'a>(&'a self, account: &'a str, events: Vec<CallEvent>) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(Self::tell(self, account, events))
    }

    fn known<'a>(&'a self, calls: &'a [String]) -> BoxFuture<'a, Result<BTreeMap<String, bool>, StoreError>> {
        Box::pin(Self::known(self, calls))
    }

    fn begun<'a>(&'a self, account: &'a str, from: Instant, to: Instant) -> BoxFuture<'a, Result<Begun, StoreError>> {
        Box::pin(async move {
            let (calls, endless) = Self::begun(self, account, from, to).await?;
            Ok(Begun { calls, endless })
        })
    }
}

impl Lines for Accounts {
    fn recorder(&self, account: &str) -> Recorder {
        let open = self.open(account).filter(|open| open.enabled);
        let hook = open.and_then(|open| open.account.hook);
        hook.and_then(|hook| Some(hook.line()?.recorder())).unwrap_or(Recorder::None)
    }

    fn record<'a>(&'a self, account: &'a str, call: &'a str, wish: Wish) -> BoxFuture<'a, Result<(), LineError>> {
        Box::pin(async move {
            let hook = self.open(account).filter(|open| open.enabled).and_then(|open| open.account.hook);
            match hook.as_ref().and_then(|hook| hook.line()) {
                Some(line) => line.record(call, wish).await,
                None => Err(LineError::NotRecorded),
            }
        })
    }
}
