//! Segregation of duties from outside: each rule by a pair, and that no rule and no mutation is left without.

mod administering;
mod commands;
mod company;
mod coverage;
mod estate;
mod hazards;
mod keeping_masters;
mod keeping_stock;
mod ordering;
mod pair;
mod publishing;
mod receiving;

pub use commands::roles_with;
pub use company::Company;
pub use estate::one_of_each;

/// One test for each rule: what it is about stands in the module, the proof is the same for all.
macro_rules! pairs {
    ($($rule:literal => $module:ident::$name:ident,)*) => {
        /// The rules that a pair proves.
        const PAIRS: &[&str] = &[$($rule),*];
        $(
            #[tokio::test]
            async fn $name() {
                let (company, pair) = $module::$name().await;
                pair.prove(&company, $rule).await;
            }
        )*
    };
}

pairs! {
    "P2P-02" => ordering::who_created_an_order_does_not_approve_it,
    "P2P-03" => ordering::who_submitted_an_order_does_not_approve_it,
    "P2P-05" => ordering::who_proposed_a_change_does_not_approve_it,
    "P2P-06" => ordering::who_created_an_order_does_not_approve_its_change,
    "P2P-07" => ordering::who_approved_an_order_does_not_propose_its_change,
    "P2P-08" => receiving::who_created_an_order_does_not_receive_it,
    "P2P-09" => receiving::who_approved_an_order_does_not_receive_it,
    "P2P-10" => receiving::who_changed_an_order_does_not_receive_it,
    "P2P-23" => receiving::who_received_does_not_take_back,
    "P2P-24" => receiving::who_raised_a_discrepancy_does_not_settle_it,
    "P2P-25" => receiving::who_received_does_not_settle_a_discrepancy,
    "P2P-27" => keeping_masters::who_proposed_prices_does_not_approve_them,
    "P2P-29" => receiving::who_made_a_return_does_not_approve_it,
    "VND-01" => keeping_masters::who_proposed_a_supplier_does_not_approve_it,
    "VND-02" => keeping_masters::who_entered_bank_details_does_not_verify_them,
    "VND-03" => keeping_masters::who_proposed_a_supplier_does_not_approve_an_order_to_it,
    "VND-07" => keeping_masters::who_approved_a_supplier_does_not_buy_from_it,
    "VND-09" => keeping_masters::who_proposed_an_item_does_not_approve_it,
    "INV-01" => keeping_stock::who_proposed_an_adjustment_does_not_approve_it,
    "INV-02" => keeping_stock::who_counted_does_not_approve_the_count,
    "INV-03" => keeping_stock::who_counted_does_not_approve_an_adjustment_from_it,
    "INV-05" => keeping_stock::who_shipped_a_transfer_does_not_receive_it,
    "INV-06" => keeping_stock::who_asked_for_a_transfer_does_not_receive_it,
    "INV-07" => keeping_stock::who_received_does_not_adjust_the_same_stock,
    "INV-08" => keeping_stock::who_received_does_not_count_the_same_stock,
    "INV-09" => keeping_stock::who_adjusted_does_not_count_the_same_stock,
    "INV-10" => keeping_stock::who_planned_a_count_does_not_approve_it,
    "INV-12" => receiving::who_made_a_return_does_not_ship_it,
    "ADM-01" => administering::nobody_proposes_his_own_access,
    "ADM-02" => administering::nobody_approves_his_own_access,
    "ADM-03" => administering::who_proposed_access_does_not_approve_it,
    "ADM-04" => administering::who_edited_a_policy_does_not_publish_it,
    "ADM-10" => administering::who_edited_a_rule_does_not_publish_it,
    "ADM-19" => keeping_stock::who_proposed_reorder_points_does_not_approve_them,
    "DUAL-01" => ordering::the_second_approval_of_an_order_is_a_second_person,
    "DUAL-02" => ordering::the_second_approval_of_a_change_is_a_second_person,
    "DUAL-05" => keeping_stock::a_recount_is_by_another_person,
    "XP-01" => ordering::a_related_party_does_not_buy,
    "XP-02" => ordering::a_related_party_does_not_approve,
    "XP-03" => receiving::a_related_party_does_not_receive,
}
