//! Tokens over HTTP, of an issuer that is a server of its own: the list of RFC 8725 from outside, keys that change, and an issuer that
//! is asked too much or does not answer. (Reason by reason: `tenants/tests/token/`, whose forge and issuer these are.)

mod forged;
mod keys;

#[path = "../../../../tenants/tests/token/forge.rs"]
#[allow(dead_code, reason = "made for the verifier's own tests, which use all of it")]
mod forge;
#[path = "../../../../tenants/tests/token/issuer_server.rs"]
#[allow(dead_code, reason = "made for the verifier's own tests, which use all of it")]
mod issuer_server;

use crate::api::{now, post, query};
use crate::database::fixture::strict;
use crate::world::{Person, World};
use forge::Signer;
use issuer_server::IssuerServer;
use serde_json::{Value, json};
use uuid::Uuid;

/// A world that trusts an issuer of ours, and a buyer who logs in there.
struct Foreign {
    world: World,
    issuer: IssuerServer,
    buyer: Person,
    now: i64,
}

impl Foreign {
    async fn trusting(signers: &[&Signer]) -> Self {
        let world = World::with_room().await;
        let shop = world.shop(&strict()).await;
        let buyer = world.member(&shop, &["buyer"]).await;
        let issuer = IssuerServer::start(signers).await;
        let id = Uuid::now_v7();
        let trust = "INSERT INTO qm.issuer (id, issuer, algorithms, status, created_at) VALUES ($1, $2, '{ES256,RS256,EdDSA}', 'ACTIVE', statement_timestamp())";
        world
            .owner
            .execute(trust, &[&id, &issuer.url])
            .await
            .expect("an issuer");
        let login = "INSERT INTO qm.login (issuer_id, subject, person_id, created_at) VALUES ($1, $2, $3, statement_timestamp())";
        let (subject, person) = (buyer.op.account.to_string(), buyer.op.person.expect("a person"));
        world
            .owner
            .execute(login, &[&id, &subject, &person])
            .await
            .expect("a login");
        let now = now(&world).await.timestamp();
        Self {
            world,
            issuer,
            buyer,
            now,
        }
    }

    /// What an honest token of the buyer says.
    fn claims(&self) -> Value {
        json!({ "iss": self.issuer.url, "aud": "quartermaster", "sub": self.buyer.op.account.to_string(), "client_id": "web",
            "jti": Uuid::now_v7().to_string(), "iat": self.now - 60, "exp": self.now + 3_600, "tenant": self.buyer.op.tenant.to_string() })
    }

    /// The claims with one of them another, or without it where the value is null.
    fn claims_with(&self, name: &str, value: Value) -> Value {
        let mut claims = self.claims();
        if value.is_null() {
            claims.as_object_mut().expect("claims").remove(name);
        } else {
            claims[name] = value;
        }
        claims
    }

    /// The status of a request with this credential, and the challenge.
    async fn presents(&self, token: &str) -> (u16, String) {
        let request = post(&self.world, &query("{ purchaseOrders { totalCount } }")).bearer_auth(token);
        let answer = request.send().await.expect("an answer");
        let challenge = answer.headers().get("www-authenticate").and_then(|v| v.to_str().ok());
        (answer.status().as_u16(), challenge.unwrap_or_default().to_owned())
    }
}
