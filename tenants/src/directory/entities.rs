//! The directory's tables as SeaORM knows them. Only [`super::DirectoryTx`] asks for them.

/// A partner: an MSP or an ERP integrator.
pub mod partner {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.partner`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "partner")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// A franchise network of a partner.
pub mod network {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.network`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "network")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub partner_id: Uuid,
        pub code: String,
        pub name: String,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// A tenant, as its partner sees it.
pub mod tenant {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.tenant`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "tenant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub partner_id: Uuid,
        pub network_id: Option<Uuid>,
        pub code: String,
        pub name: String,
        pub kind: String,
        pub status: String,
        pub currency: String,
        pub locale: String,
        pub time_zone: String,
        pub country: String,
        pub version: i32,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub request_digest: Vec<u8>,
        pub points_per_minute: Option<i32>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// How a tenant looks.
pub mod branding {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.branding`; `id` is the tenant's.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "branding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub primary_colour: Option<String>,
        pub secondary_colour: Option<String>,
        pub logo_url: Option<String>,
        pub support_email: Option<String>,
        pub support_phone: Option<String>,
        pub support_url: Option<String>,
        pub version: i32,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// The host names by which a tenant's branding is found.
pub mod host {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.host`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "host")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub host: String,
        pub branding_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// What a partner did, above tenants.
pub mod directory_event {
    use sea_orm::entity::prelude::*;

    /// A row of `qm.directory_event`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(schema_name = "qm", table_name = "directory_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub partner_id: Option<Uuid>,
        pub subject_tenant_id: Option<Uuid>,
        pub r#type: String,
        pub at: DateTimeUtc,
        pub person_id: Option<Uuid>,
        pub request_id: Uuid,
        pub data: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}
