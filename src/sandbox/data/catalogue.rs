//! What the shops of the sandbox sell, at every rate that matters.

use crate::sandbox::money::{MINIMUM, NOT_SUBJECT, ORDINARY, REDUCED, Rate};

/// Is something a shop sells, with its usual price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) sku: &'static str,
    pub(super) price_cents: i64,
    pub(super) rate: Rate,
}

const fn product(name: &'static str, sku: &'static str, price_cents: i64, rate: Rate) -> Product {
    Product { name, sku, price_cents, rate }
}

/// What the shops of the sandbox sell.
pub(super) const PRODUCTS: [Product; 16] = [
    product("Pane casereccio", "PANE", 380, MINIMUM),
    product("Latte fresco", "LATTE", 175, MINIMUM),
    product("Olio extravergine", "OLIO", 1_190, MINIMUM),
    product("Guida del porto", "GUIDA", 1_450, MINIMUM),
    product("Pesto alla genovese", "PESTO", 690, REDUCED),
    product("Formaggetta", "FORMAG", 925, REDUCED),
    product("Caffè al banco", "CAFFE", 130, REDUCED),
    product("Panino con acciughe", "PANINO", 650, REDUCED),
    product("Acciughe sotto sale", "ACCIUG", 1_240, REDUCED),
    product("Vino Vermentino", "VERM", 1_380, ORDINARY),
    product("Acqua minerale", "ACQUA", 95, ORDINARY),
    product("Birra artigianale", "BIRRA", 560, ORDINARY),
    product("Mortaio di marmo", "MORT", 4_890, ORDINARY),
    product("Grembiule", "GREMB", 1_990, ORDINARY),
    product("Tovaglia di lino", "TOVA", 3_450, ORDINARY),
    product("Biglietto del museo", "MUSEO", 800, NOT_SUBJECT),
];

impl Product {
    /// Returns the same product under another rate.
    pub(super) fn at_rate(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }
}
