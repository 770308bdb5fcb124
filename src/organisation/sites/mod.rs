//! Sites: where citizens find a unit, and when it is open there. A site has hours of the week, hours of seasons that
//! take their place, and closures; it begins and ends on a day, and none is ever deleted.
pub mod api;
pub mod model;
pub mod save;
pub mod view;

pub use model::{Season, Site, SiteHours};
pub use save::{NewSite, save};
pub use view::SiteView;
