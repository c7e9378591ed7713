//! Words of which names are made. None is the name of a company, a product line or a person.

/// First halves of towns and firms.
pub(super) const HEADS: [&str; 20] = [
    "MARROW", "TOLLEN", "ELDER", "QUARREL", "PELLAM", "HARROW", "DUNNO", "ORSLE", "WINDLE", "COPPER", "THISTLE",
    "BRACKEN", "SALLOW", "GRINDLE", "VESPER", "LARKEN", "MOSSLE", "TAMBER", "FENNA", "KESTER",
];

/// Second halves of towns.
pub(super) const TOWN_TAILS: [&str; 10] = [
    "FORD",
    "BROOK",
    " CROSSING",
    "MEAD",
    "WICK",
    " FALLS",
    "HOLT",
    "STEAD",
    " GROVE",
    "VALE",
];

/// Second halves of firms.
pub(super) const FIRM_TAILS: [&str; 20] = [
    "BY", "WELL", "GATE", "STONE", "RIDGE", "MERE", "COTE", "THORPE", "LEIGH", "CROFT", "BURN", "DALE", "WORTH",
    "HURST", "COMBE", "TREE", "LOCK", "MARSH", "SHAW", "BECK",
];

/// What a firm calls itself after its name; the odd spacing is meant.
pub(super) const FIRM_KINDS: [&str; 12] = [
    " FOODS  INC",
    " BOTTLING CO",
    ", STROUD & SONS",
    " MILLS LLC",
    " CREAMERY",
    " PROVISIONS, INC.",
    " \"OLD MILL\" TRADING CO.",
    " FARMS COOPERATIVE",
    "  IMPORTS",
    " Snack Works",
    " BEVERAGE GROUP / MIDLAND",
    " HOUSEHOLD GOODS, LTD",
];

/// Streets.
pub(super) const STREETS: [&str; 12] = [
    "MAIN ST",
    "MILL RD",
    "ORCHARD AVE",
    "N 4TH ST",
    "COUNTY ROAD 12",
    "RIVER DR",
    "STATION WAY",
    "SCHOOL ST",
    "W FRONT STREET",
    "HILLTOP LN",
    "ELM AVE SE",
    "DEPOT RD",
];

/// A category, its goods, the contents of a unit in ml (or g) and the packs that it comes in.
pub(super) struct Shelf {
    pub category: &'static str,
    pub goods: [&'static str; 6],
    pub contents: [u32; 3],
    pub packs: [u32; 3],
    /// Cost of a unit in cents, least and most.
    pub cost: (i64, i64),
}

/// The shelves of a store.
pub(super) const SHELVES: [Shelf; 10] = [
    Shelf {
        category: "SOFT DRINKS",
        goods: [
            "COLA",
            "GINGER BEER",
            "ORANGE SODA",
            "TONIC WATER",
            "ROOT BEER",
            "CHERRY LIMEADE",
        ],
        contents: [330, 500, 1_500],
        packs: [24, 12, 6],
        cost: (45, 190),
    },
    Shelf {
        category: "WATER & JUICE",
        goods: [
            "SPRING WATER",
            "APPLE JUICE",
            "CLOUDY PEAR JUICE",
            "TOMATO JUICE",
            "SPARKLING WATER",
            "MANGO NECTAR",
        ],
        contents: [500, 1_000, 2_000],
        packs: [24, 12, 6],
        cost: (38, 320),
    },
    Shelf {
        category: "COFFEE & TEA",
        goods: [
            "DARK ROAST",
            "GROUND COFFEE",
            "BREAKFAST TEA",
            "MINT TEA",
            "COLD BREW",
            "DECAF BEANS",
        ],
        contents: [100, 250, 500],
        packs: [12, 8, 6],
        cost: (210, 1_150),
    },
    Shelf {
        category: "DAIRY & CHILLED",
        goods: [
            "WHOLE MILK",
            "GREEK YOGURT",
            "SALTED BUTTER",
            "AGED CHEDDAR",
            "OAT DRINK",
            "SOUR CREAM",
        ],
        contents: [200, 500, 1_000],
        packs: [12, 10, 6],
        cost: (70, 640),
    },
    Shelf {
        category: "SNACKS & CRISPS",
        goods: [
            "SEA SALT CRISPS",
            "SMOKED PAPRIKA CRISPS",
            "MIXED NUTS",
            "PRETZEL STICKS",
            "TRAIL MIX",
            "POPCORN, SWEET",
        ],
        contents: [45, 150, 300],
        packs: [24, 18, 10],
        cost: (55, 430),
    },
    Shelf {
        category: "CONFECTIONERY",
        goods: [
            "DARK CHOCOLATE",
            "FRUIT GUMS",
            "CARAMELS",
            "PEPPERMINTS",
            "HAZELNUT BAR",
            "LIQUORICE",
        ],
        contents: [40, 100, 250],
        packs: [48, 24, 12],
        cost: (35, 380),
    },
    Shelf {
        category: "PANTRY STAPLES",
        goods: [
            "PEELED TOMATOES",
            "LONG GRAIN RICE",
            "PLAIN FLOUR",
            "RED LENTILS",
            "OLIVE OIL",
            "TABLE SALT",
        ],
        contents: [400, 750, 2_000],
        packs: [12, 10, 6],
        cost: (60, 980),
    },
    Shelf {
        category: "BREAKFAST",
        goods: [
            "ROLLED OATS",
            "HONEY CLUSTERS",
            "STRAWBERRY JAM",
            "WILDFLOWER HONEY",
            "MUESLI",
            "MAPLE SYRUP",
        ],
        contents: [250, 500, 1_000],
        packs: [16, 12, 8],
        cost: (120, 870),
    },
    Shelf {
        category: "HOUSEHOLD",
        goods: [
            "DISH SOAP",
            "LAUNDRY LIQUID",
            "PAPER TOWELS 2\" CORE",
            "GLASS CLEANER",
            "SPONGES",
            "BIN LINERS",
        ],
        contents: [1, 500, 1_500],
        packs: [12, 8, 4],
        cost: (95, 1_450),
    },
    Shelf {
        category: "PERSONAL CARE",
        goods: [
            "HAND SOAP",
            "SHAMPOO",
            "TOOTHPASTE",
            "LIP BALM",
            "HAND CREAM",
            "COTTON PADS",
        ],
        contents: [20, 100, 400],
        packs: [24, 12, 6],
        cost: (90, 760),
    },
];

/// Words that tell one good from another like it.
pub(super) const KINDS: [&str; 16] = [
    "CLASSIC",
    "ORGANIC",
    "FAMILY SIZE",
    "EXTRA",
    "ZERO",
    "W/2 GLASSES",
    "VALUE BAG",
    "LIMITED",
    "SMALL BATCH",
    "COUNTRY",
    "GOLD",
    "RESERVE",
    "MINI",
    "LIGHT",
    "ORIGINAL",
    "SEASONAL",
];
