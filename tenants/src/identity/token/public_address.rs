//! Which hosts keys may be fetched from. Issuers are registered by partners and tenants: without this, registering one
//! would let them read what only this machine can reach (server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The address or the URL may not be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an https address of the public internet")]
pub(super) struct NotPublic;

/// What the network policy lets through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub allow_loopback: bool,
}

impl Reach {
    /// `https`, or `http` to this machine where that is allowed; no credentials in it; a literal address must be
    /// reachable (names are judged when they are resolved, so that one cannot resolve differently a second time).
    pub(super) fn check(self, url: &Url) -> Result<(), NotPublic> {
        let host = url.host().ok_or(NotPublic)?;
        let loopback = match &host {
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
            Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        };
        let scheme = match url.scheme() {
            "https" => true,
            "http" => self.allow_loopback && loopback,
            _ => false,
        };
        let address = match host {
            Host::Ipv4(address) => self.reaches(IpAddr::V4(address)),
            Host::Ipv6(address) => self.reaches(IpAddr::V6(address)),
            Host::Domain(_) => true,
        };
        let bare = url.username().is_empty() && url.password().is_none();
        if scheme && address && bare {
            Ok(())
        } else {
            Err(NotPublic)
        }
    }

    pub(super) fn reaches(self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) if address.is_loopback() => self.allow_loopback,
            IpAddr::V6(address) if address.is_loopback() => self.allow_loopback,
            IpAddr::V4(address) => public_v4(address),
            IpAddr::V6(address) => public_v6(address),
        }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let reachable: Vec<SocketAddr> = found.filter(|address| reach.reaches(address.ip())).collect();
            if reachable.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(reachable.into_iter()) as Addrs)
        })
    }
}

/// Not one of the special-purpose blocks of RFC 6890 and its registry.
fn public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Global unicast (2000::/3) without documentation, Teredo and 6to4, whose addresses hold an IPv4 address of their own.
/// This leaves out NAT64 (64:ff9b::/96), unique local and link-local addresses.
fn public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    a & 0xe000 == 0x2000 && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8)) && a != 0x2002 && a != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::Reach;

    const PRODUCTION: Reach = Reach { allow_loopback: false };
    const DEVELOPMENT: Reach = Reach { allow_loopback: true };

    #[test]
    fn addresses_that_only_this_machine_reaches_are_refused() {
        for address in [
            "10.0.0.1",
            "172.16.3.4",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "ff02::1",
        ] {
            for reach in [PRODUCTION, DEVELOPMENT] {
                assert!(!reach.reaches(address.parse().unwrap()), "{address}");
            }
        }
        for address in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(!PRODUCTION.reaches(address.parse().unwrap()), "{address}");
            assert!(DEVELOPMENT.reaches(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(PRODUCTION.reaches(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn only_https_urls_without_credentials_are_fetched() {
        let production = |url: &str| PRODUCTION.check(&url.parse().unwrap()).is_ok();
        let development = |url: &str| DEVELOPMENT.check(&url.parse().unwrap()).is_ok();
        assert!(production("https://login.example.com/keys"));
        assert!(development("http://127.0.0.1:8080/keys"));
        assert!(development("http://dev.quartermaster.localhost/keys"));
        for url in [
            "http://login.example.com/keys",
            "https://user:secret@login.example.com/keys",
            "https://user@login.example.com/keys",
            "https://169.254.169.254/latest/meta-data",
            "https://0x7f000002.example.com@10.0.0.1/",
            "https://[fd00::1]/keys",
            "ftp://login.example.com/keys",
            "file:///etc/passwd",
            "data:application/json,{}",
        ] {
            assert!(!production(url), "{url}");
            assert!(!development(url), "{url}");
        }
        for url in [
            "http://127.0.0.1/keys",
            "http://localhost/keys",
            "https://2130706433/keys",
        ] {
            assert!(!production(url), "{url}");
        }
    }
}
