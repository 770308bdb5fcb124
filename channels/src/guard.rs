//! Which addresses are called: those of the public internet, and those that the administration allowed by name. A text
//! that somebody wrote must not make the server speak with what stands behind its own firewall, whatever name leads there.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name that leads into a private network only.
#[derive(Debug, thiserror::Error)]
#[error("the address is not of the public internet")]
pub struct PrivateAddress;

/// A name that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("no such server")]
pub struct NoSuchServer;

/// Looks names up and keeps what may be called. The client connects to what comes from here and asks nobody else, so
/// that a name cannot mean one address while it is looked at and another when it is called. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Whether every private network may be called.
    all: bool,
    /// Hosts in private networks that may be called, in lower case, some with a port (`erp.lan`, `10.1.2.3:8443`).
    allowed: Arc<RwLock<Vec<String>>>,
}

impl Guard {
    /// A guard; `private` opens all private networks.
    #[must_use]
    pub fn new(private: bool) -> Self {
        Self { all: private, allowed: Arc::default() }
    }

    /// Replaces the list of hosts that may be called though they are in a private network.
    pub fn allow(&self, hosts: Vec<String>) {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        *self.allowed.write().unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    /// Whether a host is on the list, with any port or with this one.
    fn lists(&self, host: &str, port: Option<u16>) -> bool {
        let host = host.to_ascii_lowercase();
        let with_port = port.map(|port| format!("{host}:{port}"));
        let allowed = self.allowed.read().unwrap_or_else(PoisonError::into_inner);
        allowed.iter().any(|one| *one == host || with_port.as_ref() == Some(one))
    }

    /// Whether a name is on the list with any port: the port is looked at by [`Guard::may_call`].
    fn lists_name(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let allowed = self.allowed.read().unwrap_or_else(PoisonError::into_inner);
        allowed.iter().any(|one| *one == host || one.rsplit_once(':').is_some_and(|(name, _)| name == host))
    }

    /// Whether the host of an address is on the administration's list.
    #[must_use]
    pub fn is_listed(&self, url: &Url) -> bool {
        self.all || url.host_str().is_some_and(|host| self.lists(host, url.port_or_known_default()))
    }

    /// Whether an address may be called, as far as it can be told before its name is looked up: addresses written as
    /// numbers pass no resolver, and a listed name counts only with its port.
    #[must_use]
    pub fn may_call(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        if self.is_listed(url) {
            return true;
        }
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => is_public(address),
            Err(_) => !self.lists_name(host),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.all || self.lists_name(name.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = match tokio::net::lookup_host((name.as_str(), 0)).await {
                Ok(found) => found.collect(),
                Err(_) => return Err(NoSuchServer.into()),
            };
            if found.is_empty() {
                return Err(NoSuchServer.into());
            }
            let open: Vec<SocketAddr> = found.into_iter().filter(|a| private || is_public(a.ip())).collect();
            if open.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet (IANA's registries of special addresses, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, _, _) => true,
        // shared by providers (RFC 6598), link-local, private
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) => true,
        // protocol assignments, documentation, relays, benchmarks
        (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113) => true,
        // multicast, reserved, broadcast
        (224..=255, _, _) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match parts {
        // An IPv4 address in another dress: mapped, translated (RFC 6052), 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, documentation, and others for special purposes
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Only 2000::/3 is given to the public internet.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_called() {
        for public in
            ["93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450:4002:411::200e", "2002:808:808::1"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        let special = [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "2001:db8::1",
            "2001::1",
        ];
        for address in special {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
    #[test]
    fn a_listed_host_is_called_on_its_port_and_others_are_not() {
        let guard = Guard::new(false);
        guard.allow(vec!["ERP.lan:8443".into(), "10.0.0.5".into()]);
        let may = |url: &str| guard.may_call(&Url::parse(url).unwrap());
        assert!(may("https://erp.lan:8443/x") && may("http://10.0.0.5:99/") && may("https://example.it/"));
        assert!(!may("https://erp.lan/x"), "another port of a listed name");
        assert!(!may("http://10.0.0.6/") && !may("http://[::1]/") && !may("http://2130706433/"));
    }
}
