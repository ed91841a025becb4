//! What `#[derive(TextEnum)]` implements: an enum whose variants are texts.

/// An enum that is stored as text. Derive it; the attributes are described at the derive.
pub trait TextEnum: Sized + 'static {
    /// All variants, as declared.
    const VARIANTS: &'static [Self];

    /// Returns the text that the variant is stored as.
    fn text(&self) -> &'static str;

    /// Returns the variant that is stored as the text; `None` when there is none.
    fn from_text(text: &str) -> Option<Self>;
}
