//! What the watch has to say: credentials, token, credit.

use maud::{Markup, html};

use super::View;
use crate::report::sentence;
use crate::report::words::Word as _;

/// Lists the alerts, each with what to do; nothing when there is none.
pub(super) fn section(view: &View<'_>) -> Markup {
    let (captions, language) = (view.captions, view.language);
    html! {
        @if !view.model.alerts.is_empty() {
            section id="alerts" {
                h2 { (captions.alerts) }
                ul {
                    @for alert in &view.model.alerts { li {
                        strong { (alert.level.word(language)) }
                        @if alert.is_new { " · " em { (captions.is_new) } }
                        br; (sentence::alert(alert, language))
                        br; small { (sentence::alert_action(alert, language)) }
                    } }
                }
            }
        }
    }
}
