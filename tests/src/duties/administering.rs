//! Who gives access, who agrees, who sets the rules.

use super::company::Company;
use super::pair::{Pair, pair};
use serde_json::json;

pub async fn nobody_proposes_his_own_access() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["security_admin"]).await,
        company.person(&["security_admin"]).await,
    );
    let input = json!({ "memberId": Company::member(&same), "role": "privacy_officer" });
    (company, pair(same, other, "roleAssignmentPropose", input))
}

pub async fn nobody_approves_his_own_access() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["tenant_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let proposer = company.person(&["security_admin"]).await;
    let id = company.proposed_role(&proposer, &same, "privacy_officer").await;
    (company, pair(same, other, "roleAssignmentApprove", json!({ "id": id })))
}

pub async fn who_proposed_access_does_not_approve_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["security_admin", "tenant_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let clerk = company.person(&[]).await;
    let id = company.proposed_role(&same, &clerk, "buyer").await;
    (company, pair(same, other, "roleAssignmentApprove", json!({ "id": id })))
}

pub async fn who_edited_a_policy_does_not_publish_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["security_admin", "tenant_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let made = same
        .does(
            "sodPolicyEdit",
            "sodPolicyDraft { id }",
            json!({ "rulesOff": ["ADM-18"] }),
        )
        .await;
    let input = json!({ "id": made["sodPolicyDraft"]["id"] });
    (company, pair(same, other, "sodPolicyPublish", input))
}

pub async fn who_edited_a_rule_does_not_publish_it() -> (Company, Pair) {
    let company = Company::open().await;
    let (same, other) = (
        company.person(&["security_admin", "tenant_admin"]).await,
        company.person(&["tenant_admin"]).await,
    );
    let input = json!({ "settings": { "approvalLimits": ["1000", "5000", "50000", "500000"] } });
    let made = same.does("workflowRuleEdit", "workflowRule { id }", input).await;
    let input = json!({ "id": made["workflowRule"]["id"] });
    (company, pair(same, other, "workflowRulePublish", input))
}
