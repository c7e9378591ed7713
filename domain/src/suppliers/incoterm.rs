//! Who carries cost and risk of the way, and until where: Incoterms 2020 (International Chamber of Commerce).

crate::words! {
    /// A rule of Incoterms 2020.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    Incoterm {
        /// Ex works: fetched at the seller's.
        Exw "EXW",
        /// Free carrier: handed to the buyer's carrier, cleared for export.
        Fca "FCA",
        /// Carriage paid to: the seller pays the way, the risk passes with the first carrier.
        Cpt "CPT",
        /// Carriage and insurance paid to: the same, insured by the seller.
        Cip "CIP",
        /// Delivered at place: ready to be unloaded there.
        Dap "DAP",
        /// Delivered at place unloaded.
        Dpu "DPU",
        /// Delivered duty paid: ready to be unloaded, cleared for import.
        Ddp "DDP",
        /// Free alongside ship: beside the ship that the buyer names.
        Fas "FAS",
        /// Free on board: on the ship that the buyer names.
        Fob "FOB",
        /// Cost and freight: the seller pays the sea way, the risk passes on board.
        Cfr "CFR",
        /// Cost, insurance and freight: the same, insured by the seller.
        Cif "CIF",
    }
}
