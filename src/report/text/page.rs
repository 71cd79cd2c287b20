//! Lines of plain text, broken between words and never too wide.

/// The widest line, as mail programs like it.
const COLUMNS_MAX: usize = 78;

/// Builds the text line by line.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// Returns the text.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Adds a heading with a rule under it.
    pub(super) fn heading(&mut self, title: &str) {
        let rule = "=".repeat(title.chars().count());
        self.0.push('\n');
        self.end(title);
        self.end(&rule);
    }

    /// Adds a table's row: a name and two right-aligned values.
    pub(super) fn row(&mut self, name: &str, number: &str, money: &str) {
        let line = format!("  {name:<40}{number:>18}{money:>18}");
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }

    /// Adds a text, broken between words and indented.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.hanging(indent, indent, text);
    }

    /// Adds a text whose first line has an indent of its own.
    ///
    /// A euro sign stays with its digits; a word longer than a line is cut into lines.
    pub(super) fn hanging(&mut self, first: usize, rest: usize, text: &str) {
        let glued = text.replace("€ ", "€\u{a0}");
        let mut line = " ".repeat(first);
        let mut is_empty = true;
        let mut width = first;
        for word in glued.split([' ', '\n', '\r', '\t']).filter(|word| !word.is_empty()) {
            let length = word.chars().count();
            if !is_empty && width + 1 + length > COLUMNS_MAX {
                self.end(&line);
                (line, width, is_empty) = (" ".repeat(rest), rest, true);
            }
            if !is_empty {
                line.push(' ');
                width += 1;
            }
            for letter in word.chars() {
                if width == COLUMNS_MAX {
                    self.end(&line);
                    (line, width) = (" ".repeat(rest), rest);
                }
                line.push(letter);
                width += 1;
            }
            is_empty = false;
        }
        self.end(&line);
    }

    fn end(&mut self, line: &str) {
        self.0.push_str(line.replace('\u{a0}', " ").trim_end());
        self.0.push('\n');
    }
}
