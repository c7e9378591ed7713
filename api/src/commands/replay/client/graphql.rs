//! Queries and mutations over HTTP.

use super::{CallError, Caller, Client, Failed, answer, passing};
use quartermaster_demo::plan::IdempotencyKey;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

impl Client {
    /// Asks a query; answers its `data`.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn ask(&self, caller: Caller<'_>, document: &str, variables: Value) -> Result<Value, CallError> {
        self.call(caller, None, document, &variables).await
    }

    /// Calls a mutation with one field; answers that field's payload, which has no `userErrors`.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn act(
        &self,
        caller: Caller<'_>,
        key: IdempotencyKey,
        document: &str,
        variables: Value,
    ) -> Result<Value, CallError> {
        let payload = self.payload(caller, key, document, &variables).await?;
        match refusal(&payload) {
            None => Ok(payload),
            Some(refused) => Err(refused),
        }
    }

    /// Calls a mutation of many elements; answers each element's payload, in order, none with `userErrors`.
    ///
    /// # Errors
    /// [`CallError`]; the first refused element is named in the field's path.
    pub async fn act_bulk(
        &self,
        caller: Caller<'_>,
        key: IdempotencyKey,
        document: &str,
        elements: Value,
    ) -> Result<Vec<Value>, CallError> {
        let variables = json!({ "input": { "elements": elements } });
        let mut payload = self.payload(caller, key, document, &variables).await?;
        let Value::Array(results) = payload["results"].take() else {
            return Err(CallError::strange("a bulk mutation without results"));
        };
        for (at, result) in results.iter().enumerate() {
            if let Some(CallError::Refused { code, message, field }) = refusal(result) {
                let path = ["elements".to_owned(), at.to_string()];
                let field = path.into_iter().chain(field).collect();
                return Err(CallError::Refused { code, message, field });
            }
        }
        Ok(results)
    }

    async fn payload(
        &self,
        caller: Caller<'_>,
        key: IdempotencyKey,
        document: &str,
        variables: &Value,
    ) -> Result<Value, CallError> {
        let mut data = self.call(caller, Some(key), document, variables).await?;
        let fields = data.as_object_mut();
        Ok(fields
            .and_then(|fields| fields.values_mut().next())
            .map(Value::take)
            .unwrap_or_default())
    }

    async fn call(
        &self,
        caller: Caller<'_>,
        key: Option<IdempotencyKey>,
        document: &str,
        variables: &Value,
    ) -> Result<Value, CallError> {
        let body = bytes::Bytes::from(json!({ "query": document, "variables": variables }).to_string());
        self.patiently(|| self.once(caller, key, body.clone())).await
    }

    async fn once(&self, caller: Caller<'_>, key: Option<IdempotencyKey>, body: bytes::Bytes) -> Result<Value, Failed> {
        let mut request = self
            .request(Method::POST, "/graphql", caller)?
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/graphql-response+json, application/json");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", format!("\"{key}\""));
        }
        let (status, bytes) = answer(request.body(body)).await?;
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| {
            let what = CallError::Silent(format!("HTTP {status}, and no JSON"));
            (what, passing(status))
        })?;
        match answer["errors"].get(0) {
            None => Ok(answer["data"].take()),
            Some(error) => {
                let code = text(&error["extensions"]["code"]);
                let again = passing(status) || code == "UNAVAILABLE";
                let message = text(&error["message"]);
                Err((CallError::Fault { code, message }, again))
            }
        }
    }
}

/// The first of a payload's `userErrors`.
fn refusal(payload: &Value) -> Option<CallError> {
    let refusal = payload["userErrors"].get(0)?;
    let path = refusal["field"].as_array();
    Some(CallError::Refused {
        code: text(&refusal["code"]),
        message: text(&refusal["message"]),
        field: path.map(|path| path.iter().map(text).collect()).unwrap_or_default(),
    })
}

/// A string of an answer; empty if it is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
