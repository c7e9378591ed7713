//! Mutations of transfers and what they take.

use super::TransferPayload;
use crate::graphql::id::Id;
use crate::graphql::inventory::StockLineInput;
use crate::graphql::payload::about;
use crate::graphql::scalar::{Date, Decimal};
use crate::graphql::session;
use crate::{command_input, perform, reason_input};
use async_graphql::{Context, InputObject, Object, Result};
use quartermaster_domain::shared::{LocationId, TransferId};
use quartermaster_domain::transfers::{self, NewTransfer, ReceivedLine, ShippedLine};

/// A new transfer.
#[derive(InputObject)]
pub struct TransferCreateInput {
    /// The sender.
    from_location_id: Id<LocationId>,
    /// The receiver.
    to_location_id: Id<LocationId>,
    /// When it is wanted.
    expected_on: Option<Date>,
    /// For people.
    note: Option<String>,
    /// At least one, at most 10,000; available stock only.
    lines: Vec<StockLineInput>,
}

command_input!(TransferId;
    /// The transfer to pick.
    TransferPickInput,
);

/// How much of a line is sent.
#[derive(InputObject)]
pub struct TransferShipLineInput {
    /// The line.
    line_number: i32,
    /// In base units; zero for none of it.
    quantity: Decimal,
}

/// A transfer to send.
#[derive(InputObject)]
pub struct TransferShipInput {
    /// The transfer.
    id: Id<TransferId>,
    /// Lines of which less is sent than was asked for; the others are sent whole.
    #[graphql(default)]
    lines: Vec<TransferShipLineInput>,
    /// The version that you have read.
    expected_version: Option<i32>,
}

/// What arrived of a line.
#[derive(InputObject)]
pub struct TransferReceiveLineInput {
    /// The line.
    line_number: i32,
    /// In base units, damaged or not.
    quantity: Decimal,
    /// How much of that is damaged; it goes into quarantine.
    damaged_quantity: Option<Decimal>,
}

/// What arrived.
#[derive(InputObject)]
pub struct TransferReceiveInput {
    /// The transfer.
    id: Id<TransferId>,
    /// What arrived, line by line.
    #[graphql(default)]
    lines: Vec<TransferReceiveLineInput>,
    /// Nothing more will arrive: what is missing is a difference on record.
    #[graphql(default)]
    complete: bool,
    /// The version that you have read.
    expected_version: Option<i32>,
}

reason_input!(TransferId;
    /// The transfer whose difference is settled, and how.
    TransferCloseInput,
    /// The transfer to call off.
    TransferCancelInput,
);

/// Mutations of transfers.
#[derive(Default)]
pub struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Asks for a transfer; it needs no approval.
    async fn transfer_create(&self, ctx: &Context<'_>, input: TransferCreateInput) -> Result<TransferPayload> {
        let s = session(ctx)?;
        let new = NewTransfer {
            from: input.from_location_id.uuid(),
            to: input.to_location_id.uuid(),
            expected_on: input.expected_on.map(|d| d.0),
            note: input.note,
            lines: input.lines.into_iter().map(Into::into).collect(),
        };
        Ok(perform!(s, transfers::create(&s.db, &s.op, &new)).into())
    }

    /// Promises all of a transfer at the sender, to be picked: nobody else can take that stock until it is shipped or called
    /// off. Refused with `INSUFFICIENT_STOCK` where less is available, unless the tenant flags that.
    async fn transfer_pick(&self, ctx: &Context<'_>, input: TransferPickInput) -> Result<TransferPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        Ok(about(id, perform!(s, transfers::pick(&s.db, &s.op, id, version))).into())
    }

    /// Sends a transfer: stock leaves the sender and lies in transit at the receiver. What was picked and is not sent is
    /// available again; one that was not picked is picked and sent at once.
    async fn transfer_ship(&self, ctx: &Context<'_>, input: TransferShipInput) -> Result<TransferPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let line = |l: TransferShipLineInput| ShippedLine {
            number: l.line_number,
            quantity: l.quantity.0,
        };
        let lines: Vec<_> = input.lines.into_iter().map(line).collect();
        Ok(about(id, perform!(s, transfers::ship(&s.db, &s.op, id, &lines, version))).into())
    }

    /// Takes in what arrived, all of it or a part.
    async fn transfer_receive(&self, ctx: &Context<'_>, input: TransferReceiveInput) -> Result<TransferPayload> {
        let (s, id, version, complete) = (session(ctx)?, input.id.0, input.expected_version, input.complete);
        let line = |l: TransferReceiveLineInput| ReceivedLine {
            number: l.line_number,
            quantity: l.quantity.0,
            damaged: l.damaged_quantity.map(|d| d.0).unwrap_or_default(),
        };
        let lines: Vec<_> = input.lines.into_iter().map(line).collect();
        let outcome = perform!(s, transfers::receive(&s.db, &s.op, id, &lines, complete, version));
        Ok(about(id, outcome).into())
    }

    /// Settles the difference of a transfer.
    async fn transfer_close(&self, ctx: &Context<'_>, input: TransferCloseInput) -> Result<TransferPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, transfers::settle(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }

    /// Calls a transfer off that was not shipped: what was picked for it is available again.
    async fn transfer_cancel(&self, ctx: &Context<'_>, input: TransferCancelInput) -> Result<TransferPayload> {
        let (s, id, version) = (session(ctx)?, input.id.0, input.expected_version);
        let outcome = perform!(s, transfers::cancel(&s.db, &s.op, id, &input.reason, version));
        Ok(about(id, outcome).into())
    }
}
