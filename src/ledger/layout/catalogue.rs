//! The layouts that are known: the program's, then the accountant's own.

use std::path::Path;
use std::sync::OnceLock;

use crate::ledger::Error;
use crate::ledger::layout::{Layout, Mistake, own};

/// The layouts that the program knows, in the order in which help lists them.
const SOURCES: [&str; 23] = [
    include_str!("../layouts/portale-emesse.toml"),
    include_str!("../layouts/portale-ricevute.toml"),
    include_str!("../layouts/portale-transfrontaliere-emesse.toml"),
    include_str!("../layouts/portale-transfrontaliere-ricevute.toml"),
    include_str!("../layouts/portale-messe-a-disposizione.toml"),
    include_str!("../layouts/portale-corrispettivi.toml"),
    include_str!("../layouts/registro-iva.toml"),
    include_str!("../layouts/registro-corrispettivi.toml"),
    include_str!("../layouts/incassi-giornalieri.toml"),
    include_str!("../layouts/ordini-shop.toml"),
    include_str!("../layouts/danea-easyfatt.toml"),
    include_str!("../layouts/danea-easyfatt-xml.toml"),
    include_str!("../layouts/fatture-in-cloud.toml"),
    include_str!("../layouts/registro-teamsystem.toml"),
    include_str!("../layouts/registro-zucchetti.toml"),
    include_str!("../layouts/odoo-fatture.toml"),
    include_str!("../layouts/sap-business-one.toml"),
    include_str!("../layouts/ordini-woocommerce.toml"),
    include_str!("../layouts/paypal-movimenti.toml"),
    include_str!("../layouts/stripe-movimenti.toml"),
    include_str!("../layouts/pos-transazioni.toml"),
    include_str!("../layouts/corrispettivi-giornata.toml"),
    include_str!("../layouts/righe-documenti.toml"),
];

/// Holds the layouts against which headings are held.
#[derive(Debug)]
pub struct Layouts {
    all: Vec<Layout>,
}

impl Layouts {
    /// Returns the layouts that the program brings along.
    pub fn built_in() -> &'static Self {
        static LAYOUTS: OnceLock<Layouts> = OnceLock::new();
        LAYOUTS.get_or_init(|| Self { all: Self::read_built_in() })
    }

    fn read_built_in() -> Vec<Layout> {
        SOURCES
            .iter()
            .map(|source| Layout::parse(source).expect("a test reads every built-in layout"))
            .collect()
    }

    /// Returns the program's layouts with a person's own, each a path and its TOML text.
    ///
    /// An own layout that has the name of another takes its place. The first mistake in
    /// an own layout ends it, named with file, line and key.
    pub fn with_own<'a>(
        own: impl IntoIterator<Item = (&'a Path, &'a str)>,
    ) -> Result<Self, Box<Mistake>> {
        let mut all = Self::read_built_in();
        for (path, source) in own {
            let layout = own::read(path, source)?;
            all.retain(|other| other.name != layout.name);
            all.push(layout);
        }
        Ok(Self { all })
    }

    /// Returns each layout's name and title, for help texts.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|layout| (layout.name.as_str(), layout.title.as_str()))
    }

    pub(in crate::ledger) fn iter(&self) -> impl Iterator<Item = &Layout> {
        self.all.iter()
    }

    /// Returns the layout of a name, or an error with the nearest name.
    pub(in crate::ledger) fn named(&self, name: &str) -> Result<&Layout, Error> {
        if let Some(layout) = self.all.iter().find(|layout| layout.name == name) {
            return Ok(layout);
        }
        let known: Vec<String> = self.names().map(|(name, _)| name.to_owned()).collect();
        let nearest = nearest(name, known.iter().map(String::as_str)).unwrap_or_default();
        Err(Error::NoSuchLayout { name: name.to_owned(), nearest: nearest.to_owned(), known })
    }
}

/// Returns the known word that looks most like the given one.
pub(in crate::ledger) fn nearest<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let alike = |other: &str| strsim::jaro_winkler(word, other);
    known.into_iter().max_by(|a, b| alike(a).total_cmp(&alike(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_layout_reads_and_holds_together() {
        let mut names = BTreeSet::new();
        for source in SOURCES {
            let layout = Layout::parse(source).unwrap();
            for group in layout.required.iter().chain(&layout.needed) {
                assert!(!layout.first_heading(group).is_empty(), "{}", layout.name);
            }
            let headings =
                layout.ignored.len() + layout.fields.values().map(Vec::len).sum::<usize>();
            assert_eq!(layout.heading_count(), headings, "{}: a heading stands twice", layout.name);
            assert!(names.insert(layout.name.clone()), "{} stands twice", layout.name);
        }
    }

    #[test]
    fn misspelt_layout_names_the_nearest() {
        let error = Layouts::built_in().named("portale-ricevut").unwrap_err();
        assert_eq!(error.to_string(), "there is no layout `portale-ricevut`");
        assert!(error.hint().unwrap().starts_with("did you mean `portale-ricevute`?"));
    }

    #[test]
    fn own_layout_takes_the_place_of_its_namesake() {
        let text = SOURCES[9].replace("Web shop", "Our shop");
        let own = Layouts::with_own([(Path::new("a.toml"), text.as_str())]).unwrap();
        assert_eq!(own.names().count(), SOURCES.len());
        assert_eq!(own.names().last().unwrap().1, "Our shop: order export (Shopify form)");
    }
}
