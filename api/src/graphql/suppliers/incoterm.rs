//! Incoterms 2020 as clients write them.

use crate::plan_enum;
use async_graphql::Enum;
use quartermaster_domain::suppliers;

/// A rule of Incoterms 2020 (International Chamber of Commerce): who carries cost and risk of the way, and until where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "suppliers::Incoterm")]
pub enum Incoterm {
    /// Ex works: fetched at the seller's.
    Exw,
    /// Free carrier: handed to the buyer's carrier, cleared for export.
    Fca,
    /// Carriage paid to: the seller pays the way, the risk passes with the first carrier.
    Cpt,
    /// Carriage and insurance paid to: as `CPT`, insured by the seller.
    Cip,
    /// Delivered at place: ready to be unloaded there.
    Dap,
    /// Delivered at place unloaded.
    Dpu,
    /// Delivered duty paid: ready to be unloaded, cleared for import.
    Ddp,
    /// Free alongside ship: beside the ship that the buyer names. For sea and inland waterways.
    Fas,
    /// Free on board: on the ship that the buyer names. For sea and inland waterways.
    Fob,
    /// Cost and freight: the seller pays the way, the risk passes on board. For sea and inland waterways.
    Cfr,
    /// Cost, insurance and freight: as `CFR`, insured by the seller. For sea and inland waterways.
    Cif,
}

plan_enum!(Incoterm);
